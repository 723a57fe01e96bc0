#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Group defaults are a matter of plays, so this target brings its own.
set -eux
ansible-playbook -i "$INVENTORY_PATH" -e @../../integration_config.yml "$@" action_groups.yml
