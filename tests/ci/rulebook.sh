#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs the collection as a user does, and runs its rulebooks with the real ansible-rulebook against the simulator.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Says whether the java on PATH is new enough for ansible-rulebook.
has_java() {
    local release
    release=$(java -version 2>&1 | sed -nE 's/.*version "([0-9]+).*/\1/p')
    [[ ${release:-0} -ge 17 ]]
}

# Installs a Java runtime as root, and unpacks one below build/ where it cannot be installed. That of Debian has links to
# files in /etc, which are then beside it.
get_java() {
    local package link java=$BUILD/java
    command -v apt-get >/dev/null || return 1
    apt_install default-jre-headless && has_java && return
    if [[ ! -d $java/usr ]]; then
        package=$(apt-cache depends default-jre-headless | grep -oE 'openjdk-[0-9]+-jre-headless' | head -n 1)
        mkdir -p "$java"
        (cd "$java" && apt-get download -qq "$package" && dpkg -x openjdk-*.deb .)
        find "$java/usr" -type l -lname '/etc/*' | while read -r link; do
            ln -sfn "$java$(readlink "$link")" "$link"
        done
    fi
    JAVA_HOME=$(compgen -G "$java/usr/lib/jvm/java-*-openjdk-*" | head -n 1)
    export JAVA_HOME PATH=$JAVA_HOME/bin:$PATH
    has_java
}

has_java || get_java || skip "no Java runtime 17 or later on this machine, and none could be got"
# In a process of its own, so that a package that cannot be had ends that alone.
bash -c '. "$1/common.sh"; use_venv rulebook' bash "$CI" || skip "ansible-rulebook could not be installed"
use_venv rulebook

data=$BUILD/rulebook
install_collection "$data"
cd "$data"
python "$CI/rulebooks.py" "$ROOT" "$data"
