/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel whose structures are these: the layout symbols of kernel/access.h, which the
 * resolver fills in for a real one, get their numbers from here.
 */
#ifndef RACE_TESTS_LAYOUTS_H
#define RACE_TESTS_LAYOUTS_H

#include <cstddef>
#include <cstdint>

struct list_head {
  list_head *next, *prev;
};

struct module_memory {
  const void* base;
  unsigned size;
};

struct module {
  char name[56];
  int (*init)();
  module_memory mem[1];
  list_head target_list;
};

struct module_use {
  list_head source_list, target_list;
  module *source, *target;
};

struct notifier_block {
  int (*notifier_call)(notifier_block*, unsigned long, void*);
  notifier_block* next;
  int priority;
};

struct kernfs_node {
  const char* name;
  void* priv;
};

struct kobject {
  kernfs_node* sd;
};

struct attribute {
  const char* name;
  unsigned short mode;
  void* key;
};

struct bin_attribute {
  attribute attr;
  size_t size;
  const void* private_;
  void* read;
};

struct task_struct {
  unsigned long signal;
};

#define RACE_LAYOUT(name, value) __asm__(".globl \"race:" name "\"\n.set \"race:" name "\", " value)

RACE_LAYOUT("off:module.name", "0");
RACE_LAYOUT("off:module.init", "56");
RACE_LAYOUT("off:module.mem", "64");
RACE_LAYOUT("off:module.target_list", "80");
RACE_LAYOUT("size:module_memory", "16");
RACE_LAYOUT("off:module_memory.base", "0");
RACE_LAYOUT("off:module_memory.size", "8");
RACE_LAYOUT("enum:MOD_INIT_TEXT", "0");
RACE_LAYOUT("off:module_use.target_list", "16");
RACE_LAYOUT("off:module_use.target", "40");
RACE_LAYOUT("off:list_head.next", "0");
RACE_LAYOUT("enum:MODULE_STATE_COMING", "1");
RACE_LAYOUT("enum:MODULE_STATE_GOING", "2");
RACE_LAYOUT("size:notifier_block", "24");
RACE_LAYOUT("off:notifier_block.notifier_call", "0");
RACE_LAYOUT("off:notifier_block.priority", "16");
RACE_LAYOUT("off:kobject.sd", "0");
RACE_LAYOUT("off:kernfs_node.name", "0");
RACE_LAYOUT("off:kernfs_node.priv", "8");
RACE_LAYOUT("size:bin_attribute", "48");
RACE_LAYOUT("off:bin_attribute.attr.name", "0");
RACE_LAYOUT("off:bin_attribute.attr.mode", "8");
RACE_LAYOUT("off:bin_attribute.attr.key", "16");
RACE_LAYOUT("exists:bin_attribute.attr.key", "1");
RACE_LAYOUT("off:bin_attribute.size", "24");
RACE_LAYOUT("off:bin_attribute.private", "32");
RACE_LAYOUT("off:bin_attribute.read", "40");
RACE_LAYOUT("size:rw_semaphore", "40");
RACE_LAYOUT("size:lock_class_key", "16");
RACE_LAYOUT("off:task_struct.pending.signal", "0");

static_assert(offsetof(module, init) == 56 && offsetof(module, mem) == 64 &&
              offsetof(module, target_list) == 80 && sizeof(module_memory) == 16);
static_assert(offsetof(module_use, target_list) == 16 && offsetof(module_use, target) == 40);
static_assert(sizeof(notifier_block) == 24 && offsetof(notifier_block, priority) == 16);
static_assert(offsetof(kernfs_node, priv) == 8 && sizeof(bin_attribute) == 48);
static_assert(offsetof(bin_attribute, attr.mode) == 8 && offsetof(bin_attribute, attr.key) == 16);
static_assert(offsetof(bin_attribute, size) == 24 && offsetof(bin_attribute, private_) == 32 &&
              offsetof(bin_attribute, read) == 40);

#endif
