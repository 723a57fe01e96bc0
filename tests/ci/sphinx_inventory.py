# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes a small Sphinx inventory with the few labels of Ansible's own documentation that ours points to.

Usage: sphinx_inventory.py FILE

With it the documentation builds without fetching the inventory of docs.ansible.com.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

HEADER = """\
# Sphinx inventory version 2
# Project: Ansible
# Version: devel
# The remainder of this file is compressed using zlib.
"""

# label: (page, title); the anchor on the page is the label with dashes.
LABELS = {
    "action_plugins": ("plugins/action.html", "Action plugins"),
    "ansible_collections": ("collections/index.html", "Collection Index"),
    "ansible_configuration_settings": ("reference_appendices/config.html", "Ansible Configuration Settings"),
    "common_return_values": ("reference_appendices/common_return_values.html", "Return Values"),
    "module_defaults": ("playbook_guide/playbooks_module_defaults.html", "Module defaults"),
}


def inventory(labels: dict[str, tuple[str, str]]) -> bytes:
    """Return the bytes of an inventory file, version 2."""
    lines = [
        f"{label} std:label -1 {page}#{label.replace('_', '-')} {title}\n"
        for label, (page, title) in sorted(labels.items())
    ]
    return HEADER.encode() + zlib.compress("".join(lines).encode())


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(inventory(LABELS))
