#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Sourced by the stages that use ansible-test: gives it the pip that it would fetch from a host of its own.

seed_pip() {
    local source version
    source=$(python -c 'import ansible_test; print(ansible_test.__path__[0])')/_internal/python_requirements.py
    mkdir -p "$HOME/.ansible/test/cache"
    sed -nE "s/^ *pip='([0-9.]+)'.*/\1/p" "$source" | while read -r version; do
        cp "$CI/get_pip.py" "$HOME/.ansible/test/cache/get_pip_${version//./_}.py"
    done
}

seed_pip
