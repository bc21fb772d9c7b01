// SPDX-License-Identifier: GPL-2.0

//! A list of the driver's own items, which hold a lock: what is optimised comes to do
//! without some numbers, and needs them again for the addresses of its links.

use kernel::{list::*, new_mutex, prelude::*, sync::Mutex};

module! {
    type: Listed,
    name: "listed",
    authors: ["RACE"],
    description: "Items of a list that hold a lock",
    license: "GPL",
}

struct Listed;

#[pin_data]
struct Item {
    value: u32,
    #[pin]
    lock: Mutex<u64>,
    #[pin]
    links: ListLinks,
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for Item { untracked; }
}

impl_list_item! {
    impl ListItem<0> for Item { using ListLinks { self.links }; }
}

impl Item {
    fn new(value: u32) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            value,
            lock <- new_mutex!(u64::from(*value) * 3),
            links <- ListLinks::new(),
        })
    }
}

impl kernel::Module for Listed {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut all = List::<Item>::new();
        for value in [5u32, 3, 8, 1] {
            all.push_back(ListArc::pin_init(Item::new(value), GFP_KERNEL)?);
        }
        for item in all.iter() {
            *item.lock.lock() += 1;
        }
        let sum: u64 = all.iter().map(|item| *item.lock.lock() + u64::from(item.value)).sum();
        pr_info!("sum={sum}\n");
        if let Some(first) = all.pop_front() {
            pr_info!("first={}\n", first.value);
        }
        pr_info!("left={}\n", all.iter().count());
        Ok(Listed)
    }
}
