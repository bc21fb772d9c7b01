// SPDX-License-Identifier: GPL-2.0-only
//
// The crate `race`, with which a driver asks what the kernel has that it is linked for.
#pragma once

namespace race::build {

// A question is a call of a function that nobody defines: its name says what is asked, and
// `race build` puts the answer's symbol in its place (questions.h).  In a file that did not
// go through it the call stays what it is, and no linker takes it.
inline constexpr const char* kRaceCrateSource = R"rust(// SPDX-License-Identifier: GPL-2.0-only
//! What a driver may ask of the kernel that `race resolve` links it for.
#![no_std]

/// Whether the kernel has something: a `bool`, known when the driver is linked.
///
/// - `exists!(struct file.f_llist)`: a field, `a.b` for a member of a member
/// - `exists!(struct file)`, and `union`, `enum`, `typedef`: a type, whose layout is known
/// - `exists!(enum phy_state::PHY_UP)`, `exists!(enum _::PHY_UP)`: an enumerator
/// - `exists!(fn misc_register)`, `exists!(static jiffies)`: exported to modules
#[macro_export]
macro_rules! exists {
    (fn $name:ident) => { $crate::__exists!("fn:", stringify!($name)) };
    (static $name:ident) => { $crate::__exists!("static:", stringify!($name)) };
    (enum _::$name:ident) => { $crate::__exists!("enum:::", stringify!($name)) };
    (enum $root:ident::$name:ident) => {
        $crate::__exists!("enum:", stringify!($root), "::", stringify!($name))
    };
    (enum $root:ident) => { $crate::__exists!("enum:", stringify!($root)) };
    (struct $($place:tt)+) => { $crate::__exists_in!("struct:", $($place)+) };
    (union $($place:tt)+) => { $crate::__exists_in!("union:", $($place)+) };
    (typedef $($place:tt)+) => { $crate::__exists_in!("typedef:", $($place)+) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __exists_in {
    ($kind:literal, $root:ident $(.$member:ident)*) => {
        $crate::__exists!($kind, stringify!($root) $(, ".", stringify!($member))*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __exists {
    ($($part:expr),+) => {{
        unsafe extern "C" {
            #[link_name = concat!("race:exists:", $($part),+)]
            safe fn exists() -> bool;
        }
        exists()
    }};
}
)rust";

}  // namespace race::build
