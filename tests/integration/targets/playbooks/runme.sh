#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the playbooks of the collection on an inventory of two sites, and without one on localhost.
set -eux
ansible-playbook -i inventory/sites.yml -e @../../integration_config.yml -e arcgis_hosts=gis_sites "$@" sites.yml
ansible-playbook -i localhost, -e @../../integration_config.yml -e @vars/localhost.yml "$@" one_site.yml
