#!/bin/bash
# Debian, root. Installs what the guest needs and makes vmlinux and initrd.gz in target/usb-guest. Boots nothing.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
guest=${UITLEZEN_USB_GUEST:-$(readlink -f "$here/../..")/target/usb-guest}
mkdir -p "$guest"
export DEBIAN_FRONTEND=noninteractive
# adb, usbmuxd, its tools and udev's daemon are for the stories; the guest uses this machine's programs.
has() { command -v "$1" >/dev/null; }
has qemu-system-x86_64 && has busybox && has cpio && has depmod && has adb && has usbmuxd && has idevice_id && [ -e /lib/systemd/systemd-udevd ] || {
  apt-get update -q
  apt-get install -yq --no-install-recommends qemu-system-x86 busybox-static cpio kmod adb usbmuxd libimobiledevice-utils udev
}
apt-cache show linux-image-amd64 >/dev/null 2>&1 || apt-get update -q
package=$(apt-cache depends linux-image-amd64 | awk '/Depends:/{print $2; exit}') # not the cloud kernel: it has no USB
version=${package#linux-image-}
if [ -e "$guest/vmlinux" ] && [ "$(cat "$guest/version" 2>/dev/null)" = "$version" ]; then exit 0; fi

work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; chmod 755 "$work"
( cd "$work"; apt-get download -q "$package" )
mkdir "$work/k"; modules=./lib/modules/*/kernel
dpkg --fsys-tarfile "$work"/*.deb | tar x -C "$work/k" --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.*' \
  "$modules/drivers/usb/*" "$modules/drivers/virtio/*" "$modules/net/9p/*" "$modules/fs/9p/*" "$modules/fs/netfs/*" \
  "$modules/fs/fscache/*" "$modules/fs/overlayfs/*" "$modules/fs/configfs/*"
depmod -b "$work/k" "$version"
# The ELF inside the compressed image boots directly: that saves seconds of decompression in an emulated processor.
python3 - "$work/k/boot/vmlinuz-$version" "$guest/vmlinux" <<'PY'
import lzma, sys
image = open(sys.argv[1], 'rb').read()
elf = lzma.LZMADecompressor(format=lzma.FORMAT_XZ).decompress(image[image.find(b'\xfd7zXZ\x00'):])
assert elf[:4] == b'\x7fELF'
open(sys.argv[2], 'wb').write(elf)
PY
root=$work/root; mkdir -p "$root"/{bin,etc,lib/modules}; chmod 755 "$root"
cp "$(command -v busybox)" "$root/bin/"; install -m755 "$here/guest-init" "$root/init"; : > "$root/etc/modules"
for module in virtio_pci 9pnet_virtio 9p overlay dummy_hcd usb_f_fs; do
  modprobe -d "$work/k" -S "$version" --show-depends "$module" | awk '$1=="insmod"{print $2}' | while read -r file; do
    name=$(basename "$file")
    grep -qx "$name" "$root/etc/modules" || { cp "$file" "$root/lib/modules/"; echo "$name" >> "$root/etc/modules"; }
  done
done
( cd "$root" && find . -print0 | cpio --null -o -H newc --quiet -R 0:0 | gzip -1 ) > "$guest/initrd.gz"
echo "$version" > "$guest/version"
