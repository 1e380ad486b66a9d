#!/bin/sh
# Some bases were made without Debian's copyright files. Put those of all installed packages back: the
# licences ask for it, and the bill of materials reads them. It needs apt's lists.
set -eu
folder=$(mktemp -d)
chmod 755 "$folder"
cd "$folder"
dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' | while read -r status package; do
    if [ "$status" = ii ] && [ ! -e "/usr/share/doc/$package/copyright" ]; then echo "$package"; fi
done > missing
xargs -r apt-get download -qq -o APT::Sandbox::User=root < missing
for file in *.deb; do
    [ -e "$file" ] || continue
    mkdir one
    dpkg-deb --fsys-tarfile "$file" | tar -x -C one --wildcards './usr/share/doc/*' 2>/dev/null || true
    for documents in one/usr/share/doc/*; do
        [ -e "$documents" ] || [ -L "$documents" ] || continue
        name=$(basename "$documents")
        if [ -L "$documents" ]; then # the package has the copyright of another one
            [ -e "/usr/share/doc/$name" ] || cp -P "$documents" /usr/share/doc/
        elif [ -e "$documents/copyright" ]; then
            mkdir -p "/usr/share/doc/$name"
            cp -L "$documents/copyright" "/usr/share/doc/$name/" 2>/dev/null || true
        fi
    done
    rm -rf one
done
cd /
rm -rf "$folder"
