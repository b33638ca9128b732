#!/bin/sh
# Installs the programs that the tests compare with or drive, and that pip cannot bring.
#   chromium   JupyterLab and the widgets are used in a real browser
#   plink2     a second opinion on quality control, kinship and association
#   bcftools   a second opinion on variants, and indexes of the test files
set -eu

missing=""
for program in chromium plink2 bcftools; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "gecip: the tests need$missing, and this is no Debian or Ubuntu: install them with your system's package manager." >&2
    exit 2
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "gecip: the tests need$missing: run \`sudo apt-get install$missing\`, then start again." >&2
    exit 2
fi

echo "gecip: installing$missing for the tests."
apt-get update --quiet=2
# shellcheck disable=SC2086 # a list of names
DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends $missing
