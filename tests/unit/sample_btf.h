// SPDX-License-Identifier: GPL-2.0-only
//
// The types of a kernel that SampleRcrate is for.
#pragma once

#include <bpf/btf.h>

#include <functional>
#include <string>

namespace race {

// BTF that SampleRcrate fits, if `field` of struct file is private_data; `more` adds
// to it.
inline std::string SampleBtf(
    const char* field = "private_data", const std::function<void(btf*)>& more = [](btf*) {}) {
  btf* object = btf__new_empty();
  int type_int = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
  int type_char = btf__add_int(object, "char", 1, BTF_INT_SIGNED);
  int pointer = btf__add_ptr(object, 0);
  btf__add_struct(object, "file", 184);
  btf__add_field(object, "f_mode", type_int, 4 * 8, 0);
  btf__add_field(object, field, pointer, 56 * 8, 0);
  int name = btf__add_ptr(object, type_char);
  int miscdevice = btf__add_struct(object, "miscdevice", 88);
  btf__add_field(object, "minor", type_int, 0, 0);
  btf__add_field(object, "name", name, 8 * 8, 0);
  btf__add_struct(object, "pm_message", 4);
  btf__add_field(object, "event", type_int, 0, 0);
  int device_pointer = btf__add_ptr(object, miscdevice);
  int proto = btf__add_func_proto(object, type_int);
  btf__add_func_param(object, "misc", device_pointer);
  btf__add_func(object, "misc_register", BTF_FUNC_GLOBAL, proto);
  btf__add_enum(object, nullptr, 4);
  btf__add_enum_value(object, "___GFP_IO_BIT", 7);
  int call = btf__add_ptr(object, btf__add_func_proto(object, type_int));
  int array = btf__add_array(object, type_int, type_char, 56);
  btf__add_struct(object, "module", 1280);
  btf__add_field(object, "name", array, 24 * 8, 0);
  btf__add_field(object, "init", call, 304 * 8, 0);
  btf__add_field(object, "exit", call, 1208 * 8, 0);
  more(object);
  uint32_t size = 0;
  const void* data = btf__raw_data(object, &size);
  std::string bytes(static_cast<const char*>(data), size);
  btf__free(object);
  return bytes;
}

}  // namespace race
