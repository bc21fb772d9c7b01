// SPDX-License-Identifier: GPL-2.0

//! The driver's own types hold kernel types by value, so that their layouts move
//! with the kernel's.  What the kernel writes must not reach what lies beside it.

use core::{mem::size_of, mem::size_of_val, pin::Pin};
use kernel::{bindings, prelude::*, types::Opaque};

module! {
    type: Embedded,
    name: "embedded",
    authors: ["RACE"],
    description: "Kernel types within the driver's own",
    license: "GPL",
}

const CANARY: u64 = 0x5afe_5afe_5afe_5afe;

/// Three kernel types with others between them, in an order that rustc chooses.
#[pin_data]
struct Several {
    first: u8,
    #[pin]
    lock: Opaque<bindings::mutex>,
    second: u64,
    #[pin]
    done: Opaque<bindings::completion>,
    third: u32,
    #[pin]
    list: Opaque<bindings::list_head>,
    last: u16,
}

/// A variant with a kernel type and smaller ones.
enum Either {
    Locked(Opaque<bindings::mutex>, u64),
    Number(u32),
    Nothing,
}

/// Several of the same, in an array and beside one another.
struct Many {
    before: u64,
    locks: [Opaque<bindings::mutex>; 3],
    after: u64,
    done: Opaque<bindings::completion>,
    end: u64,
}

struct Embedded {
    several: Pin<KBox<Several>>,
}

// SAFETY: what it holds may be used from any thread.
unsafe impl Send for Embedded {}
// SAFETY: as above.
unsafe impl Sync for Embedded {}

/// What the kernel makes of a mutex writes all of it.
fn make_mutex(lock: *mut bindings::mutex) {
    // SAFETY: the pointer is to a mutex' room; without lockdep the key is not used.
    unsafe {
        bindings::__mutex_init(lock, c"embedded".as_ptr().cast(), core::ptr::null_mut());
        bindings::mutex_lock(lock);
        bindings::mutex_unlock(lock);
    }
}

impl Several {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            first: 0x11,
            lock <- Opaque::ffi_init(make_mutex),
            second: CANARY,
            done <- Opaque::ffi_init(|done| {
                // SAFETY: the pointer is to a completion's room.
                unsafe { bindings::init_completion(done) }
            }),
            third: 0x33,
            list <- Opaque::ffi_init(|list: *mut bindings::list_head| {
                // SAFETY: the pointer is to a list head's room.
                unsafe {
                    (*list).next = list;
                    (*list).prev = list;
                }
            }),
            last: 0x44,
        })
    }

    /// Uses what it holds; then nothing beside it may have changed.
    fn whole(&self) -> bool {
        // SAFETY: all three are initialised.
        let linked = unsafe {
            bindings::mutex_lock(self.lock.get());
            bindings::complete(self.done.get());
            bindings::wait_for_completion(self.done.get());
            bindings::mutex_unlock(self.lock.get());
            (*self.list.get()).next == self.list.get() && (*self.list.get()).prev == self.list.get()
        };
        linked
            && self.first == 0x11
            && self.second == CANARY
            && self.third == 0x33
            && self.last == 0x44
    }
}

// Of a C type itself, which MIR and debug information give different paths.
struct Beside<T> {
    number: u32,
    held: T,
}

#[inline(never)]
fn tag(either: &Either) -> u64 {
    match either {
        Either::Locked(lock, number) => {
            make_mutex(lock.get());
            *number
        }
        Either::Number(number) => u64::from(*number),
        Either::Nothing => 3,
    }
}

impl kernel::Module for Embedded {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let several = KBox::pin_init(Several::new(), GFP_KERNEL)?;
        pr_info!("several={}\n", u8::from(several.whole()));
        pr_info!("several_size={}\n", size_of::<Several>());

        let eithers = KBox::new(
            [
                Either::Locked(Opaque::uninit(), CANARY),
                Either::Number(2),
                Either::Nothing,
                Either::Locked(Opaque::uninit(), CANARY),
                Either::Number(2),
                Either::Nothing,
            ],
            GFP_KERNEL,
        )?;
        let sum = eithers.iter().fold(0u64, |sum, either| sum.wrapping_add(tag(either)));
        let right = CANARY.wrapping_mul(2).wrapping_add(10);
        pr_info!("either={}\n", u8::from(sum == right));

        let many = KBox::new(
            Many {
                before: CANARY,
                locks: [Opaque::uninit(), Opaque::uninit(), Opaque::uninit()],
                after: CANARY,
                done: Opaque::uninit(),
                end: CANARY,
            },
            GFP_KERNEL,
        )?;
        for lock in &many.locks {
            make_mutex(lock.get());
        }
        make_mutex(many.locks[1].get());
        // SAFETY: the pointer is to a completion's room.
        unsafe { bindings::init_completion(many.done.get()) };
        let between = many.locks[2].get() as usize - many.locks[0].get() as usize;
        pr_info!("stride={}\n", between / 2);
        pr_info!("array={}\n", size_of_val(&many.locks));
        pr_info!(
            "many={}\n",
            u8::from(many.before == CANARY && many.after == CANARY && many.end == CANARY)
        );

        let generic = Beside { number: 1, held: bindings::completion::default() };
        let generic = KBox::new(generic, GFP_KERNEL)?;
        pr_info!("generic={},{}\n", size_of_val(&*generic), generic.number + generic.held.done);
        Ok(Embedded { several })
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        pr_info!("still={}\n", u8::from(self.several.whole()));
    }
}
