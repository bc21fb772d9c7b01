# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_dma, on QEMU's pci-testdev (qemu/run --device pci-testdev):
# coherent memory written when it binds and compared when it goes (a difference is a
# panic), and a scatter-gather table of four pages.
. /race/lib.sh

driver=/sys/bus/pci/drivers/rust_dma
device=$(pci_device 0x1b36 0x0005) || skip "no pci-testdev"
slot=$(basename "$device")

# How many entries the driver has listed, and whether their addresses are pages'.
entries() { dmesg_count "rust_dma $slot: Entry\[[0-3]\]: DMA address: 0x[0-9a-f]*000\$"; }

[ -d /sys/module/rust_dma ] || check "load the module" insmod "$RACE_KO"
check "the device is bound" bound_to "$device" rust_dma
check "the driver says so" dmesg_has "rust_dma $slot: Probe DMA test driver\.\$"
check "the device has a 64-bit DMA mask" grep -qx 64 "$device/dma_mask_bits"
check "and a coherent one" grep -qx 64 "$device/consistent_dma_mask_bits"

check "unbind it" sh -c "echo $slot >$driver/unbind"
check "it compares what it has written" dmesg_has "rust_dma $slot: Unload DMA test driver\.\$"
first=$(entries)
check "it lists 1 to 4 entries ($first)" test "$first" -ge 1 -a "$first" -le 4
check "bind it" sh -c "echo $slot >$driver/bind"
check "the device is bound again" bound_to "$device" rust_dma
check "unload it" rmmod rust_dma
check "it lists entries again" test "$(entries)" -gt "$first"

bad=''
for cycle in 1 2 3 4 5; do
    insmod "$RACE_KO" && bound_to "$device" rust_dma || bad="$bad $cycle:not-bound"
    rmmod rust_dma || bad="$bad $cycle:rmmod"
done
check "loaded and unloaded 5 times$bad" test -z "$bad"
check "each binding was undone" test "$(dmesg_count 'Probe DMA test driver')" -eq 7 -a \
    "$(dmesg_count 'Unload DMA test driver')" -eq 7
check "nothing of it is left" test ! -d /sys/module/rust_dma -a ! -d $driver
check "the kernel is content" dmesg_clean
finish
