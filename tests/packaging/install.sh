#!/bin/bash
# SPDX-License-Identifier: MIT
#
# install.sh BUILD: install into a folder of its own, and use what is there as a stranger
# would: every file in its place, a program built with the installed pkg-config file.
set -euo pipefail

build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

option()
{
	meson introspect --buildoptions "$build" |
		jq -r --arg name "$1" '.[] | select(.name == $name) | .value'
}

for tool in jq pkg-config cc meson; do
	command -v "$tool" >/dev/null || { echo "SKIP: no $tool"; exit 77; }
done

DESTDIR=$work meson install -C "$build" --no-rebuild --quiet
prefix=$(option prefix)
root=$work$prefix
lib=$root/$(option libdir)

missing=0
for file in "$lib/libwltex.so" "$lib/pkgconfig/wltex.pc" "$lib/weston/wltex.so" "$lib/wltex/observer.so" \
	"$root/$(option bindir)/wltex" \
	"$root/include/wltex/"{wltex,texture,dmabuf,sum,ledger,log,weston}.h \
	"$root/share/bash-completion/completions/wltex" \
	"$root/share/zsh/site-functions/_wltex" \
	"$root/share/fish/vendor_completions.d/wltex.fish" \
	"$root/share/wltex-protocols/wltex-v1.xml" \
	"$root/share/doc/wltex/"{LICENSE,NEWS.md} \
	"$root/share/pkgconfig/wltex-protocols.pc"; do
	[[ -e $file ]] || { echo "not installed: ${file#"$work"}"; missing=1; }
done
if command -v scdoc >/dev/null && [[ $(option man-pages) != disabled ]]; then
	for page in man1/wltex{,-flip,-run,-sum,-top,-watch,-info,-export,-snapshot}.1 \
		man3/libwltex.3 man7/wltex-weston.7; do
		[[ -e $root/share/man/$page ]] || { echo "not installed: $page"; missing=1; }
	done
fi
((missing == 0))

# The installed files alone: nothing of the build folder is named in them.
export PKG_CONFIG_PATH=$lib/pkgconfig:$root/share/pkgconfig
if grep -rl "$build" "$lib/pkgconfig" "$root/share/pkgconfig" "$root/include"; then
	echo "an installed file names the build folder"
	exit 1
fi
[[ $(pkg-config --variable=weston_moduledir wltex) == "$prefix/$(option libdir)/weston" ]]
[[ -e $work$(pkg-config --variable=pkgdatadir wltex-protocols)/wltex-v1.xml ]]

# Each header compiles alone, in C and in C++.
flags=$(pkg-config --cflags pixman-1 egl glesv2 wayland-server)
for header in wltex texture dmabuf sum ledger log session; do
	echo "#include <wltex/$header.h>" >"$work/one.c"
	# shellcheck disable=SC2086 # several words
	cc -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$root/include" $flags "$work/one.c"
	if command -v c++ >/dev/null; then
		cp "$work/one.c" "$work/one.cc"
		# shellcheck disable=SC2086
		c++ -Wall -Wextra -Werror -fsyntax-only -I"$root/include" $flags "$work/one.cc"
	fi
done

cat >"$work/use.c" <<'END'
#include <stdio.h>
#include <wltex/wltex.h>

int main(void)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	struct wltex_owner *owner = wltex_owner_create(ledger, 1, "someone");

	wltex_ledger_print_json(ledger, stdout);
	wltex_owner_destroy(owner);
	wltex_ledger_destroy(ledger);
	return wltex_sum_bytes(0, "a", 1) == 0xe8b7be43 ? 0 : 1;
}
END
# shellcheck disable=SC2086,SC2046 # several words
cc -o "$work/use" "$work/use.c" -I"$root/include" -L"$lib" \
	$(pkg-config --cflags --libs wltex | sed "s,-[IL]${prefix}[^ ]*,,g")
if [[ $(option b_sanitize) == none ]]; then
	LD_LIBRARY_PATH=$lib "$work/use" | jq -e '.clients[0].name == "someone"' >/dev/null
	LD_LIBRARY_PATH=$lib "$root/$(option bindir)/wltex" --version >/dev/null
fi

# README's program, as it stands there.
sed -n '/install.sh compiles and runs it/,/^```$/p' "$(dirname "$0")/../../README.md" |
	sed '1,2d;$d' >"$work/once.c"
# shellcheck disable=SC2086,SC2046 # several words
cc -Wall -Wextra -Werror -o "$work/once" "$work/once.c" -I"$root/include" -L"$lib" \
	$(pkg-config --cflags --libs wltex libdrm | sed "s,-[IL]${prefix}[^ ]*,,g")
if [[ $(option b_sanitize) == none ]]; then
	LD_LIBRARY_PATH=$lib "$work/once" >"$work/once.out" || { cat "$work/once.out"; exit 1; }
	[[ $(<"$work/once.out") == $'imported\nreused, 0 rectangles changed\nreimported, 1 rectangles changed' ]] ||
		{ cat "$work/once.out"; exit 1; }
fi

# The same for compositors of one's own.
cat >"$work/serve.c" <<'END'
#include <wayland-server-core.h>
#include <wltex/session.h>

int main(void)
{
	struct wl_display *display = wl_display_create();
	struct wltex_session *session =
		wltex_session_create(&(struct wltex_session_options){.display = display});

	wltex_session_destroy(session);
	wl_display_destroy(display);
	return session ? 0 : 1;
}
END
if pkg-config --exists wltex-server; then
	# shellcheck disable=SC2086,SC2046 # several words
	cc -o "$work/serve" "$work/serve.c" -I"$root/include" -L"$lib" \
		$(pkg-config --cflags --libs wltex-server | sed "s,-[IL]${prefix}[^ ]*,,g")
	[[ $(option b_sanitize) != none ]] ||
		LD_LIBRARY_PATH=$lib XDG_RUNTIME_DIR=$work "$work/serve"
fi
echo "installed files are as they should be"
