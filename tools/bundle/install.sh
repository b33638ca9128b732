#!/bin/sh
# Installs gecip from this folder, without a package index and without Java:
#
#     ./install.sh FOLDER
#
# makes FOLDER and puts a Python environment into it. PYTHON=/path/to/python names another interpreter.
set -eu

stop() {
    echo "install.sh: $1" >&2
    exit 2
}

[ $# -eq 1 ] || stop "name the folder to install into, such as ./install.sh ~/gecip"
case $1 in
    /*) folder=$1 ;;
    *) folder=$PWD/$1 ;;
esac
cd "$(dirname "$0")"
. ./bundle.conf

# A folder that this script made and did not finish is continued; any other is left alone.
unfinished=$folder/unfinished-installation
if [ -e "$folder" ] && [ ! -e "$unfinished" ]; then
    [ -d "$folder" ] || stop "$folder is a file: name a folder that does not exist yet."
    [ -z "$(ls -A "$folder")" ] || stop "$folder is not empty: name a folder that does not exist yet."
fi

interpreter=${PYTHON:-}
if [ -z "$interpreter" ]; then
    for candidate in "python$python" python3 python; do
        # shellcheck disable=SC2154 # python, pip, megabytes and version come from bundle.conf
        if [ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$python" ]; then
            interpreter=$candidate
            break
        fi
    done
    [ -n "$interpreter" ] || stop "this bundle is for Python $python, and none was found: install it, or name it with PYTHON=/path/to/python$python ./install.sh $1"
fi
found=$("$interpreter" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || stop "$interpreter does not start: name another Python $python with PYTHON=…"
[ "$found" = "$python" ] || stop "this bundle is for Python $python, and $interpreter is $found: name another with PYTHON=/path/to/python$python ./install.sh $1"

echo "Checking that the bundle arrived whole."
if command -v sha256sum >/dev/null 2>&1; then
    sha256sum --check --quiet SHA256SUMS || stop "the files named above are damaged: copy the bundle again."
else
    shasum -a 256 --check --quiet SHA256SUMS || stop "the files named above are damaged: copy the bundle again."
fi

mkdir -p "$folder" || stop "$folder cannot be made: name a folder that you may write to."
free=$(df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1000) }')
[ "$free" -ge "$megabytes" ] || {
    rmdir "$folder" 2>/dev/null || true
    stop "$folder has $free MB free and gecip needs $megabytes MB: free some space or name another folder."
}
: >"$unfinished"

echo "Making a Python environment in $folder."
# pip comes from the bundle: some systems bring Python without it.
unset PYTHONHOME PYTHONPATH || true
"$interpreter" -m venv --clear --without-pip "$folder/environment"

echo "Installing gecip $version and all that it needs; this takes some minutes."
PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS='' PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "$folder/environment/bin/python" "wheels/$pip/pip" install \
    --quiet --no-cache-dir --no-index --find-links wheels --constraint constraints.txt pip "gecip==$version" ||
    stop "the installation stopped; the lines above say why. Run it again to continue."

# Notebooks that somebody has worked in are theirs.
if [ -d notebooks ] && [ ! -e "$folder/notebooks" ]; then
    cp -R notebooks "$folder/notebooks"
fi
rm "$unfinished"

cat <<END

gecip $version is installed in $folder. What next:

    . $folder/environment/bin/activate
    gecip demo                                            # makes the demo release
    jupyter lab $folder/notebooks/start-here.ipynb
END
