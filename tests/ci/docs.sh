#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Checks the documentation of the modules and the guides, and builds the HTML pages into build/docs.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv tools
enter_tree docs

python tests/ci/error_catalogue.py --check
antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all .

# ansible-doc passes over the roles of a collection whose path has two folders ansible_collections, as it has in a clone
# at ansible_collections/gisops/arcgis. Seen through a link from elsewhere it has one.
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
ln -s "$TREE/ansible_collections" "$elsewhere/ansible_collections"
export ANSIBLE_COLLECTIONS_PATH=$elsewhere

source=$BUILD/docs/source
rm -rf "$BUILD/docs"
mkdir -p "$source"
chmod 755 "$source"  # antsibull-docs writes into no directory that others may write to
antsibull-docs sphinx-init --use-current --squash-hierarchy --fail-on-error --sphinx-theme sphinx-ansible-theme \
    --dest-dir "$source" gisops.arcgis >"$BUILD/docs/init.log"
python "$CI/sphinx_inventory.py" "$source/ansible.inv"
cat >>"$source/conf.py" <<'PYTHON'

# The labels of Ansible's documentation come from a file beside this one, so that the pages build without a network.
intersphinx_mapping = {"ansible_devel": ("https://docs.ansible.com/ansible/devel/", "../ansible.inv")}
PYTHON
(cd "$source" && bash build.sh)
for name in plugins/modules/[a-z]*.py roles/*/; do
    name=$(basename "$name" .py)
    compgen -G "$source/build/html/${name}_*.html" >/dev/null || fail "no page for $name"
done
mv "$source/build/html" "$BUILD/docs/html"
say "$(find "$BUILD/docs/html" -name '*.html' | wc -l) HTML pages without a warning: build/docs/html/index.html"
