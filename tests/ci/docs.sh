#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Checks the documentation of the modules, the guides and the links, and builds the documentation site into build/docs/html.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv tools
enter_tree docs

python tests/ci/error_catalogue.py --check
python tests/ci/diagrams.py --check

# It copies the collection into a directory with a random name, which becomes part of the pages that it checks. A name that
# ends in "_" would be a reference there, so the names get no such character.
python - lint-collection-docs --plugin-docs --validate-collection-refs=all . <<'PYTHON'
import sys
import tempfile

from antsibull_docs.cli.antsibull_docs import main

tempfile._RandomNameSequence.characters = "abcdefghijklmnopqrstuvwxyz"
sys.exit(main())
PYTHON

# ansible-doc passes over the roles of a collection whose path has two folders ansible_collections, as it has in a clone
# at ansible_collections/gisops/arcgis. Seen through a link from elsewhere it has one.
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
ln -s "$TREE/ansible_collections" "$elsewhere/ansible_collections"
export ANSIBLE_COLLECTIONS_PATH=$elsewhere

rm -rf "$BUILD/docs"
pages=$BUILD/docs/source/pages
mkdir -p "$pages"
chmod 755 "$pages"  # antsibull-docs writes into no directory that others may write to
antsibull-docs --config-file docs/site/antsibull-docs.cfg collection --use-current --squash-hierarchy --fail-on-error \
    --dest-dir "$pages" gisops.arcgis
rm "$pages/environment_variables.rst"  # it knows no variables of modules; the one in docs/docsite/rst does
cp -r docs/images "$BUILD/docs/source"
python tests/ci/start_page.py "$pages"
python tests/ci/sphinx_inventory.py "$BUILD/docs/source/ansible.inv"
sphinx-build -b html -c docs/site -d "$BUILD/docs/doctrees" -j 2 -W --keep-going -q "$pages" "$BUILD/docs/html"
for name in plugins/modules/[a-z]*.py roles/*/; do
    name=$(basename "$name" .py)
    compgen -G "$BUILD/docs/html/${name}_*.html" >/dev/null || fail "no page for $name"
done

# What the tarball leaves out, a link in it must not need.
mkdir "$BUILD/docs/tarball"
ansible-galaxy collection build --output-path "$BUILD/docs" . >/dev/null
tar -xf "$BUILD"/docs/gisops-arcgis-*.tar.gz -C "$BUILD/docs/tarball"
python tests/ci/links.py . "$BUILD/docs/tarball" "$BUILD/docs/html"
say "$(find "$BUILD/docs/html" -name '*.html' | wc -l) HTML pages without a warning: build/docs/html/index.html"
