// SPDX-License-Identifier: GPL-2.0

//! Holds spinlocks by value, in every place where one can lie: a spinlock takes 4 bytes
//! and is aligned to 4, or takes 32 and is aligned to 8 on realtime kernels.

use kernel::{
    new_condvar,
    new_spinlock,
    prelude::*,
    sync::{Arc, CondVar, SpinLock}, //
};

module! {
    type: Locked,
    name: "locked",
    authors: ["RACE"],
    description: "Spinlocks in the driver's own types",
    license: "GPL",
}

kernel::sync::global_lock! {
    // SAFETY: it is initialised before anything else is done.
    unsafe(uninit) static COUNT: SpinLock<u8> = 3;
}

// Alone, so that only the lock says how it is aligned.
#[pin_data]
struct Narrow {
    #[pin]
    lock: SpinLock<u32>,
    after: u32,
}

#[pin_data]
struct Wide {
    before: u16,
    #[pin]
    first: SpinLock<u8>,
    between: u32,
    #[pin]
    second: SpinLock<[u64; 2]>,
    after: u8,
}

// Two kinds of kernel types in front of what is dropped.
#[pin_data]
struct Waiting {
    #[pin]
    done: SpinLock<bool>,
    #[pin]
    wait: CondVar,
    #[pin]
    log: SpinLock<KVec<u8>>,
    rounds: u32,
}

enum Maybe {
    None(u32),
    Some(Pin<KBox<Narrow>>),
}

#[pin_data(PinnedDrop)]
struct Locked {
    tag: u32,
    #[pin]
    wide: Wide,
    narrow: Arc<Narrow>,
    waiting: Pin<KBox<Waiting>>,
    maybe: Maybe,
}

fn new_narrow(number: u32) -> impl PinInit<Narrow> {
    pin_init!(Narrow {
        lock <- new_spinlock!(number),
        after: !number,
    })
}

fn new_wide() -> impl PinInit<Wide> {
    pin_init!(Wide {
        before: 0xb0,
        first <- new_spinlock!(0xf1),
        between: 0xbe,
        second <- new_spinlock!([1, 2]),
        after: 0xaf,
    })
}

fn new_waiting() -> impl PinInit<Waiting> {
    pin_init!(Waiting {
        done <- new_spinlock!(false),
        wait <- new_condvar!(),
        log <- new_spinlock!(KVec::new()),
        rounds: 0x70,
    })
}

impl Waiting {
    fn finish(&self) -> Result {
        let mut log = KVec::with_capacity(3, GFP_KERNEL)?;
        log.extend_from_slice(&[7, 8, 9], GFP_KERNEL)?;
        *self.log.lock() = log;
        let mut done = self.done.lock();
        *done = true;
        self.wait.notify_all();
        while !*done {
            self.wait.wait(&mut done);
        }
        Ok(())
    }
}

impl Narrow {
    // All of it, with the lock held; and that its own parts did not move into one another.
    fn add(&self, number: u32) -> u32 {
        let mut guard = self.lock.lock();
        *guard += number;
        *guard ^ !self.after
    }
}

impl kernel::InPlaceModule for Locked {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        // SAFETY: this runs once.
        unsafe { COUNT.init() };
        try_pin_init!(Self {
            tag: 0x7a6,
            wide <- new_wide(),
            narrow: Arc::pin_init(new_narrow(40), GFP_KERNEL)?,
            maybe: Maybe::Some(KBox::pin_init(new_narrow(7), GFP_KERNEL)?),
            waiting: KBox::pin_init(new_waiting(), GFP_KERNEL)?,
            _: {
                waiting.finish()?;
                say(&wide, &narrow, &maybe);
            },
        })
    }
}

fn say(wide: &Wide, narrow: &Narrow, maybe: &Maybe) {
    *COUNT.lock() += 1;
    pr_info!("count={}\n", *COUNT.lock());
    {
        // Two at once.
        let mut first = wide.first.lock();
        let mut second = wide.second.lock();
        *first -= 0xf0;
        second[0] += u64::from(*first);
        second[1] <<= 40;
    }
    pr_info!("first={} second={:?}\n", *wide.first.lock(), *wide.second.lock());
    pr_info!("around={:x} {:x} {:x}\n", wide.before, wide.between, wide.after);
    pr_info!("narrow={}\n", narrow.add(2) ^ 40);
    match maybe {
        Maybe::None(number) => pr_info!("none={}\n", number),
        Maybe::Some(narrow) => pr_info!("some={}\n", narrow.add(9) ^ 7),
    }
    let held = narrow.lock.lock();
    pr_info!("tried={}\n", u8::from(narrow.lock.try_lock().is_none()));
    drop(held);
    let place = (&raw const wide.first).addr() | (&raw const wide.second).addr();
    pr_info!("aligned={}\n", (place | (&raw const narrow.lock).addr()) % 8);
}

#[pinned_drop]
impl PinnedDrop for Locked {
    fn drop(self: Pin<&mut Self>) {
        let numbers = (self.tag, *self.narrow.lock.lock(), *self.wide.first.lock());
        let waiting = (self.waiting.log.lock()[2], self.waiting.rounds);
        pr_info!("end={:?} {:?}\n", numbers, waiting);
    }
}
