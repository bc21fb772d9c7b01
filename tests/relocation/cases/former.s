# SPDX-License-Identifier: GPL-2.0-only
# Functions whose prototype changed: the driver's own stands in for the new one, and
# calls the target's with the former one.  dev_get() of the target has two
# parameters: `two`.

#: pass prototype_of_before on rust
declared device
pointer device_p, device
result  device_p
param   device_p
param   uint
prototype two
result  device_p
param   device_p
param   uint
param   uint
prototype three
lacks_function dev_get, three
function dev_get, three, substitute=lacks:dev_get()
former_function dev_get, two, guard=lacks:dev_get()
call    dev_get
refers_to race_adapter_dev_get@.text.adapter
call    race_former_dev_get
refers_to dev_get
adapter dev_get

# What stands in is dead code there.
#: pass prototype_of_now on rust
declared device
pointer device_p, device
result  device_p
param   device_p
param   uint
prototype two
result  device_p
param   device_p
prototype one
lacks_function dev_get, two
function dev_get, two, substitute=lacks:dev_get()
former_function dev_get, one, guard=lacks:dev_get()
call    dev_get
refers_to dev_get
call    race_former_dev_get
refers_to race_former_dev_get@.text.race
adapter dev_get

#: refuse neither_prototype on rust with E0412 function dev_get as it was before: expected type void (long)
result  void
param   long
prototype one
result  void
prototype none_at_all
lacks_function dev_get, none_at_all
function dev_get, none_at_all, substitute=lacks:dev_get()
former_function dev_get, one, guard=lacks:dev_get()
call    dev_get
adapter dev_get

#: refuse function_that_is_gone on rust with E0411 function gone as it was before: expected the target to export it
result  void
prototype one
lacks_function gone
function gone, substitute=lacks:gone()
former_function gone, one, guard=lacks:gone()
call    gone
adapter gone

# Several that changed at once come from one side.
#: pass two_of_one_service on rust
result  int
prototype as_it_is
lacks_function gone
function gone, substitute=lacks:gone()
function only_gpl, substitute=lacks:gone()
former_function only_gpl, as_it_is, guard=lacks:gone()
call    only_gpl
refers_to race_adapter_only_gpl@.text.adapter
call    race_former_only_gpl
refers_to only_gpl
adapter gone
adapter only_gpl

#: refuse without_a_contract on rust with E0505 race_former_dev_get has no contract
function dev_get
call    race_former_dev_get

#: refuse without_a_guard on rust with E0210 expected a function with a prototype
result  void
prototype one
former_function dev_get, one

#: refuse guarded_by_existence on rust with E0210 guarded by the absence of a function
result  void
prototype one
exists_function dev_get
former_function dev_get, one, guard=exists:dev_get()

#: refuse guarded_by_nothing_there on rust with E0210 guarded by the absence of a function
result  void
prototype one
.set    ".Lc:far", 77
former_function dev_get, one, guard=far

#: refuse without_a_prototype on rust with E0210 expected a function with a prototype
lacks_function dev_get
former_function dev_get, guard=lacks:dev_get()

#: refuse with_a_forwarder on rust with E0210 expected a function with a prototype
result  void
prototype one
lacks_function dev_get
former_function dev_get, one, guard=lacks:dev_get(), path=kernel::base::dev_get

#: refuse with_a_substitute on rust with E0210 without a substitute
result  void
prototype one
lacks_function dev_get
former_function dev_get, one, guard=lacks:dev_get(), substitute=lacks:dev_get()

#: refuse former_variable on rust with E0210 expected a function with a prototype
lacks_function dev_get
contract c, VARIABLE, jiffies, "", type=ulong, guard=lacks:dev_get(), flags=FORMER

#: refuse unknown_flag on rust with E0210 unknown flags 0x10
contract c, FUNCTION, dev_get, "", flags=16
