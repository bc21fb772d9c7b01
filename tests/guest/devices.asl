// SPDX-License-Identifier: GPL-2.0-only
//
// The ACPI devices that the kernel's sample platform drivers bind to, for
// `iasl` and qemu/run --acpi-table.
DefinitionBlock ("", "SSDT", 2, "RACE", "SAMPLES", 0x00000001)
{
    Scope (\_SB)
    {
        Device (T432)
        {
            Name (_HID, "LNUXBEEF")
            Name (_UID, 1)
            Name (_STA, 0x0F)
            // What rust_debugfs reads.
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package ()
                {
                    Package (2) { "compatible", "sample-debugfs" }
                }
            })
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadWrite, 0xFED00000, 0x1000)
            })
        }
        // One that is known by its "compatible" only, the second of two.
        Device (T433)
        {
            Name (_HID, "PRP0001")
            Name (_UID, 2)
            Name (_STA, 0x0F)
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package ()
                {
                    Package (2) { "compatible", Package () { "test,other-device", "Test,Rust-Device" } }
                }
            })
        }
    }
}
