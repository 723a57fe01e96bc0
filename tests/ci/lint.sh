#!/usr/bin/env bash
# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything that reads the files without running them, apart from ansible-test.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
use_venv tools
enter_tree lint

failed=()
check() {
    say "--- $*"
    "$@" || failed+=("$1")
}

check ruff check --no-cache .
check ruff format --no-cache --check .
check yamllint --strict .
check reuse lint --lines
check antsibull-changelog lint
check ansible-lint --nocolor -q
check check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml examples/pipelines/github-workflow.yml
check check-jsonschema --builtin-schema vendor.gitlab-ci examples/pipelines/gitlab-ci.yml
check python -c 'import sys; from groovy_parser.parser import parse_groovy_content as parse; parse(open(sys.argv[1]).read())' \
    examples/pipelines/Jenkinsfile
# mypy wants to stand above ansible_collections, else it meets each file under two names.
cd "$TREE"
collection=ansible_collections/gisops/arcgis
check mypy --config-file "$collection/pyproject.toml" --cache-dir "$BUILD/cache/mypy" \
    "$collection"/plugins/{action,filter,module_utils,modules,plugin_utils,test} "$collection"/extensions "$collection"/tests/{ci,replay}/*.py

[[ ${#failed[@]} -eq 0 ]] || fail "not content: ${failed[*]}"
say "ruff, yamllint, reuse, antsibull-changelog, ansible-lint (production), mypy (strict), schemas of pipelines"
