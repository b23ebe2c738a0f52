#!/bin/bash
# SPDX-License-Identifier: MIT
#
# debian.sh: build the Debian packages as README says, from a copy of the sources, and look
# at what is in them.
set -euo pipefail

tree=$(cd "$(dirname "$0")/../.." && pwd)

for tool in dh dpkg-buildpackage dpkg-checkbuilddeps; do
	command -v $tool >/dev/null || { echo "SKIP: no $tool"; exit 77; }
done
git -C "$tree" rev-parse 2>/dev/null || { echo "SKIP: not a checkout of git"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/wltex"
cd "$work/wltex"
# What git follows, as it is now.
git -C "$tree" ls-files -z --cached --others --exclude-standard -- include meson.build \
	meson_options.txt plugin protocol tests/packaging/debian LICENSE NEWS.md |
	tar -C "$tree" --null -T - --ignore-failed-read -cf - | tar -xf -
cp -r tests/packaging/debian .
missing=$(dpkg-checkbuilddeps 2>&1) || { echo "SKIP: ${missing##*error: }"; exit 77; }
dpkg-buildpackage -us -uc -b >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }

# expect PACKAGE FILE...
expect()
{
	local package=$1 file files

	shift
	files=$(dpkg-deb -c "$work/${package}"_*.deb | awk '{ print $6 }')
	for file in "$@"; do
		grep -qE "^\./usr/$file$" <<<"$files" || { echo "$package has no $file"; exit 1; }
	done
}

expect libwltex0 'lib/[^/]*/libwltex\.so\.[0-9]+'
expect libwltex-server0 'lib/[^/]*/libwltex-server\.so\.[0-9]+'
expect libwltex-dev 'include/wltex/wltex\.h' 'lib/[^/]*/libwltex\.so' \
	'lib/[^/]*/pkgconfig/wltex\.pc' 'share/wltex-protocols/wltex-v1\.xml' \
	'share/man/man3/libwltex\.3\.gz' 'share/man/man3/libwltex-server\.3\.gz'
expect weston-wltex 'lib/[^/]*/weston/wltex\.so' 'share/man/man7/wltex-weston\.7\.gz'
expect wltex bin/wltex 'share/man/man1/wltex-top\.1\.gz' 'share/zsh/site-functions/_wltex'
expect libwltex0 'share/doc/libwltex0/copyright' 'share/doc/libwltex0/NEWS\.md(\.gz)?'
# What the pkg-config files name comes along, or "pkg-config --cflags" fails.
depends=$(dpkg-deb -f "$work"/libwltex-dev_*.deb Depends)
for module in $(dpkg-deb --fsys-tarfile "$work"/libwltex-dev_*.deb |
	tar -xO --wildcards '*/pkgconfig/wltex.pc' '*/pkgconfig/wltex-server.pc' |
	sed -n 's/^Requires[a-z.]*: *//p' | sed 's/>= *[0-9.]*//g; s/,/ /g'); do
	owner=$(dpkg -S "$(pkg-config --variable=pcfiledir "$module")/$module.pc" | cut -d: -f1)
	grep -qE "(^|[ ,])$owner([ ,(:]|$)" <<<"$depends" ||
		{ echo "libwltex-dev does not depend on $owner, which has $module.pc"; exit 1; }
done
dpkg-deb -f "$work"/weston-wltex_*.deb Depends | grep -q 'libweston-' ||
	{ echo "weston-wltex does not depend on libweston"; exit 1; }
echo "five packages"
