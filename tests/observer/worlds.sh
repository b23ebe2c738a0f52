#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Random worlds of clients, as tests/weston/worlds.sh plays them, in a Weston without the module that
# is observed as any compositor is. WLTEX_LONG=1 plays many more.
set -euo pipefail

export WLTEX_TWIN_TESTED_OPTIONS=--observer
worlds=$(cd "$(dirname "$0")/../weston" && pwd)/worlds.sh
seeds=12
[[ -z ${WLTEX_LONG-} ]] || seeds=400

# What Weston itself shows wrongly cannot be compared. Most worlds have sub-surfaces, where all is
# as it is claimed: some are to have none.
for avoid in alpha alpha,sub,geometry,gone; do
	for renderer in pixman gl; do
		WORLDS_AVOID=$avoid bash "$worlds" worlds lockstep "$renderer" "${WORLDS_SEED:-1}" $seeds
	done
done
