// SPDX-License-Identifier: GPL-2.0-only
//
// All of race.ko, in its portable form, in a kernel that is made up here: each thing
// that it asks the kernel for is refused once, at each place where it asks.  Whatever
// that is, what does not hold is not accepted, what is accepted was looked at, and
// nothing is left behind.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "../unit/facts_sample.h"
#include "layouts.h"

namespace {

// What the kernel that is made up here remembers.
int asked = 0, refuse_at = -1;
std::set<const void*> live;  // memory and folders that race.ko has
std::string said;
notifier_block* registered = nullptr;
task_struct task;

// Whether this is what is refused.
bool IsRefused() { return asked++ == refuse_at; }

void* Take(size_t size) {
  if (IsRefused()) return nullptr;
  void* memory = calloc(1, size);
  live.insert(memory);
  return memory;
}

void Give(const void* memory) {
  if (!memory) return;
  if (live.erase(memory) != 1) abort();
  free(const_cast<void*>(memory));
}

kernfs_node kernel_node = {"kernel", nullptr}, btf_folder = {"btf", nullptr};
kernfs_node btf_files[2] = {{"vmlinux", nullptr}, {"helper", nullptr}};
bin_attribute btf_attributes[2];
kobject sys_kernel = {&kernel_node};

}  // namespace

extern "C" {
kobject* kernel_kobj = &sys_kernel;
task_struct* current_task = &task;
// The kernel's own names.
module this_module __asm__("__this_module");
alignas(8) char race_own_facts[1 << 16];

int init_module();
void cleanup_module();
int race_start(module* mod, int (*init)());

kobject* kobject_create_and_add(const char*, kobject*) {
  return static_cast<kobject*>(Take(sizeof(kobject)));
}
void kobject_del(kobject*) {}
void kobject_put(kobject* object) { Give(object); }
int sysfs_create_bin_file(kobject*, const bin_attribute*) { return IsRefused() ? -ENOMEM : 0; }
kernfs_node* kernfs_find_and_get_ns(kernfs_node* parent, const char* name, const void*) {
  if (IsRefused()) return nullptr;
  if (parent == &kernel_node) return &btf_folder;
  for (kernfs_node& file : btf_files)
    if (!strcmp(file.name, name) && file.priv) return &file;
  return nullptr;
}
void kernfs_put(kernfs_node*) {}
int register_module_notifier(notifier_block* block) {
  if (IsRefused()) return -ENOMEM;
  registered = block;
  return 0;
}
int unregister_module_notifier(notifier_block*) {
  registered = nullptr;
  return 0;
}
void InitRwsem(void*, const char*, void*) __asm__("__init_rwsem");
void InitRwsem(void*, const char*, void*) {}
void down_read(void*) {}
void up_read(void*) {}
void down_write(void*) {}
void up_write(void*) {}
void* vzalloc_noprof(unsigned long size) { return Take(size); }
void vfree(const void* memory) { Give(memory); }
void sha256(const unsigned char* data, size_t size, unsigned char* out) { SHA256(data, size, out); }
long copy_from_kernel_nofault(void* to, const void* from, size_t size) {
  if (IsRefused()) return -EFAULT;
  memcpy(to, from, size);
  return 0;
}
long long ktime_get() { return 0; }
long long ktime_get_real_seconds() { return 0; }
void schedule() {}
int _printk(const char* format, ...) {
  char line[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  said += line;
  return 0;
}
}

namespace race {
namespace {

constexpr unsigned long kComing = 1, kGoing = 2;

std::string KernelBtf() {
  return BtfOf([](auto* object) {
    int integer = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
    btf__add_struct(object, "file", 16);
    btf__add_field(object, "mode", integer, 0, 0);
  });
}

// A driver that uses another module, `helper`, and rests on facts about both.
class Driver {
 public:
  explicit Driver(const FactsSample& facts) {
    const std::string section = FactsSample(facts).Bytes();
    const race_anchor anchor{
        {'R', 'A', 'C', 'E', 'H', 'E', 'R', 'E'},
        kCode - static_cast<int>(offsetof(race_anchor, facts)) + static_cast<int>(sizeof anchor),
        static_cast<uint32_t>(section.size())};
    image_.resize(sizeof anchor + kCode);
    memcpy(image_.data(), &anchor, sizeof anchor);
    image_ += section;
    strcpy(module_.name, "driver");
    strcpy(helper_.name, "helper");
    module_.init = reinterpret_cast<int (*)()>(image_.data() + sizeof anchor);
    for (module* one : {&helper_, &this_module})
      one->target_list = {&one->target_list, &one->target_list};
    uses_[0].target = &this_module;
    uses_[1].target = &helper_;
    module_.target_list.next = &uses_[0].target_list;
    uses_[0].target_list.next = &uses_[1].target_list;
    uses_[1].target_list.next = &module_.target_list;
  }
  bool Tell(unsigned long state) {
    return registered->notifier_call(registered, state, &module_) == 1;
  }
  bool Starts() { return race_start(&module_, nullptr) == 0; }

 private:
  static constexpr int kCode = 16;
  std::string image_;
  module module_{}, helper_{};
  module_use uses_[2]{};
};

enum class Outcome { kNothingRefused, kFine, kWrong };

// In a process of its own, as race.ko is loaded once; what went wrong is on standard error.
Outcome Run(const FactsSample& facts, bool holds) {
  const auto wrong = [](const char* what) {
    fprintf(stderr, "request %d refused: %s; said:\n%s", refuse_at, what, said.c_str());
    return Outcome::kWrong;
  };
  const int error = init_module();
  if (error != 0) {
    if (error > 0 || !live.empty() || registered) return wrong("something is left of it");
    return asked > refuse_at ? Outcome::kFine : wrong("it does not start");
  }
  if (registered->priority != INT_MAX) return wrong("others are told first");
  Driver driver(facts);
  const size_t before = live.size();
  const bool accepted = driver.Tell(kComing);
  const bool reached = asked > refuse_at;
  if (accepted != driver.Starts()) return wrong("started otherwise than it was validated");
  if (accepted && !holds) return wrong("accepted, and it does not hold");
  if (!accepted && holds && !reached) return wrong("it holds, and is not accepted");
  if (!accepted && said.find("race: driver: refused: ") == std::string::npos)
    return wrong("refused, and not why");
  if (!accepted && live.size() != before) return wrong("something of the driver is left");
  driver.Tell(kGoing);
  cleanup_module();
  if (!live.empty()) return wrong("something is left at the end");
  return reached && refuse_at >= 0 ? Outcome::kFine : Outcome::kNothingRefused;
}

Outcome RunAlone(const FactsSample& facts, bool holds, int at) {
  const pid_t child = fork();
  if (child == 0) {
    refuse_at = at;
    _exit(static_cast<int>(Run(facts, holds)));
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? static_cast<Outcome>(WEXITSTATUS(status)) : Outcome::kWrong;
}

class AllocationTest : public testing::Test {
 protected:
  AllocationTest()
      : kernel_(KernelBtf()),
        helper_(BtfOf(
            [](auto* object) {
              int integer = btf__find_by_name_kind(object, "int", BTF_KIND_INT);
              btf__add_struct(object, "helper", 8);
              btf__add_field(object, "count", integer, 32, 0);
            },
            kernel_)) {
    const std::string* bytes[] = {&kernel_, &helper_};
    for (int i = 0; i < 2; i++) {
      btf_attributes[i].private_ = bytes[i]->data();
      btf_attributes[i].size = bytes[i]->size();
      btf_files[i].priv = &btf_attributes[i];
    }
    FactsSample own;
    own.facts = {{RACE_CONTRACT_SIZE, "struct file", "", "", 16}};
    const std::string section = own.Bytes();
    section.copy(race_own_facts, sizeof(race_own_facts));
    facts_.modules = {"helper"};
    facts_.facts = {{RACE_CONTRACT_SIZE, "struct file", "", "", 16},
                    {RACE_FACT_NO_TYPE, "struct gone"}};
  }

  // Each request that is made, refused; how many there are.
  int RefuseEach(bool holds) {
    EXPECT_EQ(RunAlone(facts_, holds, -1), Outcome::kNothingRefused);
    for (int at = 0; at < 200; at++) {
      const Outcome outcome = RunAlone(facts_, holds, at);
      EXPECT_NE(outcome, Outcome::kWrong) << "request " << at;
      if (outcome == Outcome::kNothingRefused) return at;
    }
    return 0;
  }

  std::string kernel_, helper_;
  FactsSample facts_;
};

TEST_F(AllocationTest, WhatHoldsIsRefusedOrLookedAt) { EXPECT_GT(RefuseEach(true), 30); }

TEST_F(AllocationTest, WhatDoesNotHoldIsNeverAccepted) {
  // There only if the module's types are: their index is one of the requests.
  facts_.facts[1] = {RACE_FACT_NO_TYPE, "struct helper"};
  for (uint32_t typed : {0u, RACE_MODULE_TYPED}) {
    facts_.module_flags = typed;
    EXPECT_GT(RefuseEach(false), 30);
  }
}

TEST_F(AllocationTest, AModuleThatShowsNoTypesMayHaveIt) {
  btf_files[1].priv = nullptr;
  for (uint32_t typed : {0u, RACE_MODULE_TYPED}) {
    facts_.module_flags = typed;
    EXPECT_EQ(RunAlone(facts_, false, -1), Outcome::kNothingRefused);
  }
}

// A process that is being killed gives up; a section of much work, or one whose loader
// has all the time, does not.
TEST_F(AllocationTest, AKilledProcessGivesUp) {
  kernel_ = BtfOf([](auto* object) {
    int integer = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
    btf__add_struct(object, "file", 16);
    for (int i = 0; i < 10000; i++)
      btf__add_field(object, ("m" + std::to_string(i)).c_str(), integer, 0, 0);
  });
  btf_attributes[0].private_ = kernel_.data();
  btf_attributes[0].size = kernel_.size();
  btf_files[1].priv = nullptr;
  facts_.modules = {};
  facts_.facts = {{RACE_FACT_NO_FIELD, "struct file", "x"}};
  EXPECT_EQ(RunAlone(facts_, true, -1), Outcome::kNothingRefused);
  task.signal = 1ul << (SIGKILL - 1);
  EXPECT_EQ(RunAlone(facts_, false, -1), Outcome::kNothingRefused);
  task.signal = 0;
}

}  // namespace
}  // namespace race
