# SPDX-License-Identifier: GPL-2.0-only
# Imports that the target has under another name, or not at all.

#: pass exported_itself on rust
result  int
prototype proto
function only_gpl, proto, path=kernel::base::only_gpl
call    only_gpl
refers_to only_gpl

#: pass forwarder on rust
result  int
prototype proto
function not_exported, proto, path=kernel::base::not_exported
call    not_exported
refers_to _RNvNtCs1a2B_6kernel4base12not_exported

#: refuse forwarder_of_another_module on rust with E0411 nor the Rust function kernel::gone::not_exported
function not_exported, path=kernel::gone::not_exported

#: refuse two_forwarders on rust with E0402 two Rust functions kernel::base::twice
function twice, path=kernel::base::twice

#: refuse forwarder_with_another_prototype on rust with E0412 expected type
result  void
param   long
prototype proto
function not_exported, proto, path=kernel::base::not_exported

#: refuse forwarder_of_a_function_without_a_type on rust with E0412 does not describe it
result  void
prototype proto
function no_types, proto, path=kernel::base::no_types

#: pass lacks on rust
lacks_function gone
lacks_function dev_get
lacks_function not_exported, path=kernel::base::not_exported
is      8, lacks:gone(), 1
is      8, lacks:dev_get(), 0
is      8, lacks:not_exported(), 0

#: pass lacks_another_prototype on rust
result  void
param   long
prototype proto
lacks_function dev_get, proto
is      8, lacks:dev_get(), 1

#: pass adapter_where_lacking on rust
lacks_function gone
function gone, substitute=lacks:gone()
call    gone
refers_to race_adapter_gone@.text.adapter
adapter gone

#: pass no_adapter_where_not_lacking on rust
lacks_function dev_get
function dev_get, substitute=lacks:dev_get()
call    dev_get
refers_to dev_get
adapter dev_get

# What of a service is there is not mixed with the driver's own.
#: pass whole_service_or_none on rust
lacks_function gone
function gone, substitute=lacks:gone()
function dev_get, substitute=lacks:gone()
call    dev_get
refers_to race_adapter_dev_get@.text.adapter
adapter gone
adapter dev_get

#: pass own_type_where_lacking on rust
lacks_function gone
own_field not_there, member, int, 40, lacks:gone()
own_size not_there, 48, lacks:gone()
is      32S, off:not_there.member, 40
is      32S, size:not_there, 48

#: pass own_type_of_a_name_that_is_taken on rust
lacks_function gone
own_size odd_size, 48, lacks:gone()
is      32S, size:odd_size, 48

#: refuse type_that_is_not_own_must_fit on rust with E0407 expected a value from 48
lacks_function dev_get
own_size odd_size, 48, lacks:dev_get()

#: pass what_only_an_adapter_needs on rust
lacks_function dev_get
field   gone, x, int, guard=lacks:dev_get()
function gone, guard=lacks:dev_get()
is      32S, off:gone.x, 0

#: refuse what_the_adapter_needs_where_it_is_used on rust with E0411 function also_gone
lacks_function gone
function gone, substitute=lacks:gone()
function also_gone, guard=lacks:gone()
adapter gone

#: refuse adapter_that_is_not_there on rust with E0505 no function race_adapter_gone
lacks_function gone
function gone, substitute=lacks:gone()
call    gone

#: refuse substitute_by_existence on rust with E0210 has a substitute by contract 0
exists_function gone
function gone, substitute=exists:gone()

#: refuse substitute_out_of_range on rust with E0210 has a substitute by contract 77
.set    ".Lc:far", 77
function gone, substitute=far
