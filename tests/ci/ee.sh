#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the execution environment of examples/awx, and runs a playbook in it against the simulator. No registry is needed: the
# base image is made here, of the Debian or Ubuntu that this machine runs, and takes the place of the one that the definition
# names. Its packages are there from the start, so the package manager of the build has nothing to do. The images are kept.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cache=$BUILD/cache/ee data=$BUILD/ee
chroot=(--isolation chroot)  # needs no container runtime, and works in a container too
mkdir -p "$cache"

# buildah makes its standard input non-blocking, which Ansible refuses, so it gets one of its own.
images() { buildah --root "$cache/storage" --runroot "$cache/run" "$@" </dev/null; }

# Makes the base image, with a Python that may install packages as its first: that of Debian leaves this to apt.
make_base() {
    local container tree mirror components targets
    # shellcheck disable=SC2016  # apt-get fills them in
    targets=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' "Origin: ${ID^}" "Codename: $suite" \
        "Created-By: Packages") || return
    mirror=$(head -n 1 <<<"$targets" | cut -d ' ' -f 1)
    components=$(cut -d ' ' -f 2 <<<"$targets" | sort -u | paste -sd ,)
    container=$(images from scratch) && tree=$(images mount "$container") || return
    # debootstrap syncs each file to the disk unless dpkg is told that nothing here is worth it.
    mkdir -p "$tree/etc/dpkg/dpkg.cfg.d"
    echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/unsafe-io"
    debootstrap --variant=minbase --include=python3-venv --components="$components" "$suite" "$tree" "$mirror" &&
        images run "${chroot[@]}" "$container" python3 -m venv /opt/python &&
        images config --env PATH=/opt/python/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container" &&
        images commit --quiet --rm "$container" "$base"
}

[[ $(id -u) -eq 0 ]] || skip "only root can make a base image"
command -v buildah >/dev/null && command -v debootstrap >/dev/null || apt_install buildah debootstrap ||
    skip "buildah and debootstrap are not on this machine, and apt-get could not install them"
. /etc/os-release
suite=${VERSION_CODENAME:-}
base=localhost/base:$suite
images rm --all >/dev/null
if ! images inspect --type image "$base" >/dev/null 2>&1; then
    make_base || skip "debootstrap or buildah could not make a base image on this machine"
fi

use_venv importer
install_collection "$data"
python "$CI/definition.py" "$data"/gisops-arcgis-*.tar.gz "$data/collections" "$data/definition"

"$BUILD/venvs/uv/bin/pip" config list | python "$CI/pip_settings.py" "$data"
images bud "${chroot[@]}" --pull-never --build-arg EE_BASE_IMAGE="$base" \
    --build-arg PYCMD=/opt/python/bin/python --build-arg PKGMGR=/bin/true --tag localhost/ee \
    --volume "$data/pip.conf:/etc/pip.conf:ro" --volume "$data/pip.pem:/etc/pip.pem:ro" \
    --file "$data/definition/context/Containerfile" "$data/definition/context"
images rmi --prune >/dev/null  # the one of the run before

use_venv demo
mkdir "$data/runner"
container=$(images from --pull-never localhost/ee)
python "$CI/with_simulator.py" --directory "$data/simulator" -- python "$CI/in_image.py" "$data/runner" \
    buildah --root "$cache/storage" --runroot "$cache/run" run "${chroot[@]}" --user 1000:0 \
    --volume "$data/runner:/runner" "$container" --
