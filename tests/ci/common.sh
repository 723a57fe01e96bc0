#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Sourced by the Makefile and the scripts beside it: places, Pythons, virtual environments and copies of the work tree.
# Everything that is written goes below build/.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
BUILD=$ROOT/build
CI=$ROOT/tests/ci
SKIPPED=77  # the exit status of a stage that this machine cannot run

# A home of our own and none of the user's settings, so that the outcome depends on the checkout alone.
for name in $(compgen -e); do
    case $name in
        ANSIBLE_* | ARCGIS_* | PYTHON* | PYENV_VERSION | VIRTUAL_ENV | XDG_*) unset "$name" ;;
    esac
done
export PYENV_ROOT=${PYENV_ROOT:-$HOME/.pyenv}
export HOME=$BUILD/home LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 ANSIBLE_NOCOLOR=1
export ANSIBLE_REMOTE_TEMP=$HOME/.ansible/tmp  # Ansible asks the user database for the home, not HOME
mkdir -p "$HOME"

say() { printf '%s\n' "$*"; }

fail() {
    say "$*" >&2
    exit 1
}

skip() {
    say "$*"
    exit "$SKIPPED"
}

# Puts a folder with one link per Python in front of PATH. The shims of pyenv leave PATH: they answer for Pythons
# that they then refuse to start. Debian keeps ensurepip in a package of its own, and without it a Python can make
# no virtual environment.
find_pythons() {
    local version candidate links=$BUILD/pythons
    PATH=$(printf '%s' "$PATH" | tr : '\n' | grep -v -e '/shims$' -e "^$links\$" | paste -sd : -)
    mkdir -p "$links"
    for version in 3.9 3.10 3.11 3.12 3.13; do
        [[ -x $links/python$version ]] && continue
        for candidate in $(type -a -p "python$version") "$PYENV_ROOT/versions/$version".*/bin/"python$version"; do
            if [[ -x $candidate ]] && "$candidate" -c 'import ensurepip, ssl' 2>/dev/null; then
                ln -sf "$candidate" "$links/python$version"
                break
            fi
        done
    done
    export PATH=$links:$PATH
}

# The first of the given versions that this machine has.
first_python() {
    local version
    for version in "$@"; do
        if [[ -x $BUILD/pythons/python$version ]]; then
            say "$version"
            return
        fi
    done
    return 1
}

# Environments are named after their file of pinned requirements. Each runs on the newest Python that it takes.
python_for() {
    case $1 in
        core-2.16) first_python 3.11 3.12 ;;
        core-2.19) first_python 3.11 3.12 3.13 ;;
        *) first_python 3.13 3.12 3.11 ;;
    esac
}

install_uv() {
    local directory=$BUILD/venvs/uv python=$1
    if [[ ! -x $directory/bin/uv ]]; then
        "python$python" -m venv --clear "$directory"
        "$directory/bin/pip" install --quiet --disable-pip-version-check -r "$CI/requirements/uv.txt"
    fi
}

# Makes the environment unless it is there and unchanged, and puts it first on PATH. What it holds is pinned in
# requirements/NAME.txt, or in the file that is given.
use_venv() {
    local name=$1 python directory=$BUILD/venvs/$1 uv=$BUILD/venvs/uv/bin/uv stamp
    local requirements=${2:-$CI/requirements/$1.txt}
    python=$(python_for "$name") || skip "no Python for $name on this machine"
    stamp="$(readlink -f "$BUILD/pythons/python$python") $(cksum < "$requirements")"
    if [[ ! -f $directory/stamp || $(< "$directory/stamp") != "$stamp" ]]; then
        install_uv "$python"
        "$uv" venv --quiet --clear --python "$BUILD/pythons/python$python" "$directory"
        # Compiled once, or every process would compile its libraries anew.
        "$uv" pip sync --quiet --compile-bytecode --python "$directory/bin/python" "$requirements"
        say "$stamp" > "$directory/stamp"
    fi
    export PATH=$directory/bin:$PATH
    hash -r
}

# Copies the work tree, uncommitted files too, to build/trees/NAME/ansible_collections/gisops/arcgis and goes there.
# ansible-test wants these last folders, and a git repository of its own: it tests what git lists.
enter_tree() {
    TREE=$BUILD/trees/$1
    local collection=$TREE/ansible_collections/gisops/arcgis
    rm -rf "$TREE"
    mkdir -p "$collection"
    cd "$ROOT"
    git -c safe.directory="$ROOT" ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        if [[ -e $file || -L $file ]]; then printf '%s\0' "$file"; fi  # a deleted file is still listed
    done | tar --null --files-from - -cf - | tar -xf - -C "$collection"
    cd "$collection"
    git init --quiet
    git add --all
    export ANSIBLE_COLLECTIONS_PATH=$TREE
}

# The same place, as a link to the work tree itself: at once, and good enough for pytest. Goes to the work tree.
link_tree() {
    TREE=$BUILD/trees/$1
    mkdir -p "$TREE/ansible_collections/gisops"
    ln -sfn "$ROOT" "$TREE/ansible_collections/gisops/arcgis"
    cd "$ROOT"
    export ANSIBLE_COLLECTIONS_PATH=$TREE
}

# Builds the tarball of the work tree into a directory of its own.
build_collection() {
    rm -rf "$1"
    mkdir -p "$1"
    enter_tree "$(basename "$1")"
    ansible-galaxy collection build --output-path "$1" .
}

# The same, and installs the tarball below that directory, as a user does.
install_collection() {
    build_collection "$1" >/dev/null
    export ANSIBLE_COLLECTIONS_PATH=$1/collections
    ansible-galaxy collection install --offline -p "$1/collections" "$1"/gisops-arcgis-*.tar.gz >/dev/null
}

# Gives ansible-test the pip that it would fetch from a host of its own.
seed_pip() {
    local source version
    source=$(python -c 'import ansible_test; print(ansible_test.__path__[0])')/_internal/python_requirements.py
    mkdir -p "$HOME/.ansible/test/cache"
    sed -nE "s/^ *pip='([0-9.]+)'.*/\1/p" "$source" | while read -r version; do
        cp "$CI/get_pip.py" "$HOME/.ansible/test/cache/get_pip_${version//./_}.py"
    done
}

# Installs packages of Debian or Ubuntu, as root. One stage at a time, because apt-get does not wait for another.
apt_install() {
    [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null || return 1
    (
        flock 9
        apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    ) 9>"$BUILD/apt.lock"
}

# Runs all stages of the tests, or those that are named.
run_stages() {
    local python
    python=$(first_python 3.13 3.12 3.11) || fail "Python 3.11, 3.12 or 3.13 is needed, with its venv module"
    exec "python$python" "$CI/run_stages.py" "$BUILD" "$@"
}

find_pythons
