// SPDX-License-Identifier: GPL-2.0

//! Every way in which a driver's text reaches the kernel: pr_*!, with a line continued,
//! dev_*! and a seq_file.

use kernel::{
    c_str, dev_crit, dev_err, dev_info, dev_warn,
    fmt::{self, Display},
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
    pr_cont,
    prelude::*,
    seq_file::SeqFile,
    seq_print,
};

module! {
    type: Printing,
    name: "printing",
    authors: ["RACE"],
    description: "Formatted text in all ways",
    license: "GPL",
}

/// Formats itself in pieces.
struct Squares(u32);

impl Display for Squares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for i in 0..self.0 {
            if i > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{}", i * i)?;
        }
        Ok(())
    }
}

#[derive(Debug)]
#[allow(dead_code)]
enum Shape {
    Point,
    Box { width: u8, height: Option<i64> },
}

#[pin_data]
struct Printing {
    #[pin]
    device: MiscDeviceRegistration<Opened>,
}

impl kernel::InPlaceModule for Printing {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let text = c_str!("a C string");
        pr_info!("plain\n");
        pr_info!("number {} {:#x} {:08b} {:>6}|\n", -17i64, 0xbeefu16, 5u8, "right");
        pr_info!("text {:?} {} {}\n", text, 'ß', true);
        pr_info!("debug {:?} {:?}\n", Shape::Point, Shape::Box { width: 3, height: Some(-1) });
        pr_info!("pieces {}\n", Squares(5));
        pr_info!("100% of {} is %s%n%pA\n", 7);
        pr_emerg!("level {}\n", 0);
        pr_alert!("level {}\n", 1);
        pr_crit!("level {}\n", 2);
        pr_err!("level {}\n", 3);
        pr_warn!("level {}\n", 4);
        pr_notice!("level {}\n", 5);
        pr_info!("begun {}", 1);
        pr_cont!(", continued {}", Squares(3));
        pr_cont!(", ended\n");
        // More than a record of the kernel's log holds.
        pr_info!("long {:x>1500}end\n", "");
        pr_info!("after\n");
        try_pin_init!(Self {
            device <- MiscDeviceRegistration::register(MiscDeviceOptions {
                name: c_str!("race-printing"),
            }),
        })
    }
}

struct Opened(u64);

#[vtable]
impl MiscDevice for Opened {
    type Ptr = KBox<Self>;

    fn open(_file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        let device = misc.device();
        dev_info!(device, "opened {} by {}\n", Squares(4), "someone");
        dev_crit!(device, "critical {}%\n", 100);
        dev_err!(device, "error {:?}\n", EINVAL);
        dev_warn!(device, "warning {:#?}\n", Some(1));
        Ok(KBox::new(Self(42), GFP_KERNEL)?)
    }

    fn show_fdinfo(opened: &Self, m: &SeqFile, _file: &File) {
        seq_print!(m, "value: {}\n", opened.0);
        seq_print!(m, "percent: 100% {}s\n", '%');
        // Longer than any buffer on the stack, and than the first of the seq_file.
        seq_print!(m, "wide: {:y>5000}.\n", "");
        seq_print!(m, "squares: {}\n", Squares(600));
        for i in 0..300 {
            seq_print!(m, "line {:04}: {:?}\n", i, Some(i));
        }
        seq_print!(m, "end\n");
    }
}
