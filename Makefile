# SPDX-License-Identifier: GPL-2.0-only
#
# make            build/race, build/race-modprobe (what users' machines run) and
#                 build/race-build (the build side, which links LLVM)
# make demo       the main job, with all its set-up
# make check      all tests, with all their set-up
# make matrix     all of upstream's Rust drivers on a kernel of each series and flavour:
#                 Documentation/support-matrix.md; MATRIX=all, MATRIX='7.2 amd64,...',
#                 BASE=7.3 for the drivers and an SDK of another series
# make doc-examples  the examples of the kernel crate's documentation, each as a driver:
#                 Documentation/doc-examples.md; EXAMPLES='7.2 amd64,...'
# make oracle     random own types on stock kernels, held against the language's layouts:
#                 scripts/oracle; ORACLE='--minutes 60 --seed 7'
# make sdk        the default SDK, in the cache
# make validator  build/race.rcrate, of which race.ko is made for each kernel
# make fuzz       libFuzzer programs: the .rcrate reader and the resolver; race.ko's core
# make bench      figures: zero cost, resolve times
# make lint       clang-format, clang-tidy, shellcheck; make format
# make setup      install the packages that all this needs
# make install    programs, race.rcrate, man pages, completion, kernel hooks:
#                 DESTDIR=, PREFIX=/usr/local (or /usr)

B := build
# Objects are the same in whatever folder the tree lies (what was built of the same is
# known by its content), and compiled once where ccache is installed.
RACE_CACHE ?= $(HOME)/.cache/race
CCACHE := $(if $(shell command -v ccache),CCACHE_DIR=$(RACE_CACHE)/ccache CCACHE_MAXSIZE=1G \
	CCACHE_BASEDIR=$(CURDIR) CCACHE_NOHASHDIR=1 ccache)
PLACE := -ffile-prefix-map=$(CURDIR)=.
CXX := g++
OPT ?= -O2 -g
# -Wrestrict is wrong about std::string in gcc 12 (gcc bug 105651).
WARN := -Wall -Wextra -Werror -Wno-restrict
CPPFLAGS := -Iinclude -Iuserspace -I$(B)/generated
CXXFLAGS := -std=c++20 $(OPT) $(PLACE) $(WARN) -pthread
LLVM_CONFIG := llvm-config-22
# LLVM's headers are not ours to fix: -isystem keeps their warnings out.
LLVM_CPPFLAGS = -isystem $(shell $(LLVM_CONFIG) --includedir) -D__STDC_CONSTANT_MACROS -D__STDC_LIMIT_MACROS
LLVM_LIBS = $(shell $(LLVM_CONFIG) --ldflags --libs --link-shared)
TARGET_LIBS := -lbpf -lelf -lkmod -lz -llzma -lzstd -llz4 -lcrypto

COMMON_DIRS := support steg rcrate
TARGET_DIRS := kernel resolve

common_src := $(foreach d,$(COMMON_DIRS),$(wildcard userspace/$(d)/*.cc))
target_src = $(foreach d,$(TARGET_DIRS),$(wildcard userspace/$(d)/*.cc)) $(core_src)
race_src := $(wildcard userspace/race/*.cc)
modprobe_src := $(wildcard userspace/modprobe/*.cc)
# What is installed on a machine, and what was made of it: of no interest to the build side.
store_src := $(wildcard userspace/store/*.cc)
build_src := $(wildcard userspace/build/*.cc)
build_unit_src := $(wildcard tests/unit/build_*.cc)
unit_src := $(filter-out $(build_unit_src),$(wildcard tests/unit/*.cc))
# What race.ko checks with is part of the resolver, too.
core_src := $(addprefix kernel/,btf.c btf_spell.c btf_types.c describe.c facts.c section.c)
obj = $(patsubst %.c,$(B)/obj/%.o,$(patsubst %.cc,$(B)/obj/%.o,$(1)))

.PHONY: all demo check matrix sdk bench lint clean setup
all: $(B)/race $(B)/race-modprobe $(B)/race-build

$(B)/race: $(call obj,$(common_src) $(target_src) $(store_src) $(race_src))
	@echo "  LD      $@"
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(TARGET_LIBS)
$(B)/race-modprobe: $(call obj,$(common_src) $(target_src) $(store_src) $(modprobe_src))
	@echo "  LD      $@"
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(TARGET_LIBS)
$(B)/race-build: $(call obj,$(common_src) $(target_src) $(build_src))
	@echo "  LD      $@"
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(LLVM_LIBS) $(TARGET_LIBS)
$(B)/unit-tests: $(call obj,$(common_src) $(target_src) $(store_src) \
		$(filter-out userspace/modprobe/main.cc,$(modprobe_src)) $(unit_src))
	@echo "  LD      $@"
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(TARGET_LIBS) -lgtest -lgtest_main
# The build side's, with LLVM.
$(B)/build-unit-tests: $(call obj,$(common_src) $(target_src) \
		$(filter-out userspace/build/main.cc,$(build_src)) $(build_unit_src))
	@echo "  LD      $@"
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(LLVM_LIBS) $(TARGET_LIBS) -lgtest -lgtest_main

$(B)/obj/tests/unit/build_%.o: CPPFLAGS += $(LLVM_CPPFLAGS)
$(B)/obj/userspace/build/%.o: CPPFLAGS += $(LLVM_CPPFLAGS)
$(B)/obj/%.o: %.cc
	@mkdir -p $(@D)
	@echo "  CXX     $<"
	@$(CCACHE) $(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/kernel/%.o: kernel/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CCACHE) $(CC) -Iinclude -std=gnu11 $(OPT) $(PLACE) -Wall -Wextra -Werror -MMD -MP -c -o $@ $<

clean:
	rm -rf $(B)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# What follows is not compiling: set-up, tests, lint, demo.

# The steps of a goal are run one after the other, each with all processors.
jobs := $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: guest unit-tests format lint-format lint-tidy lint-shell
setup:
	@scripts/setup

# The resolver with sanitizers and coverage, for libFuzzer; tests/fuzz_test.sh runs it.
.PHONY: fuzz
FUZZ_CXX := clang++-22
FUZZ_CC := clang-22
FUZZ_FLAGS := -std=c++20 -O1 -g $(PLACE) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
fuzz_obj = $(patsubst %.c,$(B)/fuzz/obj/%.o,$(patsubst %.cc,$(B)/fuzz/obj/%.o,$(common_src) $(target_src) \
	tests/unit/relocation_table.cc tests/fuzz/resolve_fuzz.cc))
facts_fuzz_obj = $(filter-out %relocation_table.o %resolve_fuzz.o,$(fuzz_obj)) \
	$(B)/fuzz/obj/tests/fuzz/facts_fuzz.o
fuzz: $(B)/fuzz/resolve $(B)/fuzz/facts
$(B)/fuzz/facts: $(facts_fuzz_obj)
	@echo "  LD      $@"
	@$(FUZZ_CXX) $(FUZZ_FLAGS) -o $@ $^ $(TARGET_LIBS)
$(B)/fuzz/resolve: $(fuzz_obj)
	@echo "  LD      $@"
	@$(FUZZ_CXX) $(FUZZ_FLAGS) -o $@ $^ $(TARGET_LIBS)
$(B)/fuzz/obj/%.o: %.cc
	@mkdir -p $(@D)
	@echo "  FUZZ    $<"
	@$(CCACHE) $(FUZZ_CXX) $(CPPFLAGS) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(B)/fuzz/obj/kernel/%.o: kernel/%.c
	@mkdir -p $(@D)
	@echo "  FUZZ    $<"
	@$(CCACHE) $(FUZZ_CC) -Iinclude -std=gnu11 $(filter-out -std=%,$(FUZZ_FLAGS)) -MMD -MP -c -o $@ $<
-include $(shell find $(B)/fuzz -name '*.d' 2>/dev/null)

# Programs that run in the guest, which has no libraries.
guest: $(B)/guest/misc_device_test $(B)/guest/load_time $(B)/guest/race_ko_test
$(B)/guest/%: tests/guest/%.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -static -pthread -o $@ $<

# The tests of race.ko, as kselftest has them.
kernel_test_src := $(wildcard tests/kernel/*.c)
$(B)/guest/race_ko_test: $(kernel_test_src) $(wildcard tests/kernel/*.h include/race/*.h)
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) -std=gnu11 -D_GNU_SOURCE -Iinclude -O2 -Wall -Wextra -Werror -static -pthread -o $@ $(kernel_test_src) -lcrypto

unit-tests: $(if $(unit_src),$(B)/unit-tests) $(if $(build_unit_src),$(B)/build-unit-tests) $(B)/allocation-tests

# All of race.ko in its portable form, in a kernel that the test makes up; with clang, as gcc
# does not quote the names of layout symbols.  These
# are numbers, which code that may lie anywhere could not have as addresses.
allocation_obj := $(patsubst kernel/%.c,$(B)/allocation/%.o,$(wildcard kernel/*.c)) \
	$(B)/allocation/allocation_test.o
$(B)/allocation-tests: $(allocation_obj)
	@echo "  LD      $@"
	@$(CXX) $(CXXFLAGS) -no-pie -o $@ $^ -lbpf -lcrypto -lgtest -lgtest_main
$(B)/allocation/%.o: kernel/%.c
	@mkdir -p $(@D)
	@echo "  CC      $< (portable)"
	@$(CCACHE) $(FUZZ_CC) -DRACE_PORTABLE -nostdinc -Ikernel/portable -Iinclude -std=gnu11 $(OPT) $(PLACE) \
		-ffreestanding -fno-pic -Wall -Wextra -Wno-unused-parameter -Werror -MMD -MP -c -o $@ $<
$(B)/allocation/%.o: tests/allocation/%.cc
	@mkdir -p $(@D)
	@echo "  CXX     $<"
	@$(CCACHE) $(CXX) $(CPPFLAGS) $(CXXFLAGS) -fno-pie -MMD -MP -c -o $@ $<
-include $(wildcard $(B)/allocation/*.d)

sdk: $(B)/race $(B)/race-build
	@scripts/default-sdk

# race.ko in its portable form; `sdk` comes first.
.PHONY: validator
validator: $(B)/race.rcrate
$(B)/race.rcrate: $(B)/race-build kernel/Kbuild $(wildcard include/race/*.h kernel/*.[ch]) \
		$(shell find kernel/portable -name '*.h')
	@echo "  RCRATE  kernel"
	@base=$$(scripts/stock-kernel 7.2 amd64) && $(B)/race-build build --portable "$$base" -o $(B) kernel

# A kernel with KASAN, lockdep and kmemleak, in the cache, for tests/kernel_debug_test.sh.
.PHONY: debug-kernel
debug-kernel:
	@scripts/debug-kernel >/dev/null

bench: setup
	@$(MAKE) --no-print-directory $(jobs) all guest $(B)/bench/btf_parse
	@$(MAKE) --no-print-directory sdk
	@$(MAKE) --no-print-directory validator
	@scripts/bench
$(B)/bench/%: $(call obj,$(common_src) $(target_src)) $(B)/obj/tests/bench/%.o
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(TARGET_LIBS)

# The solver over all pairs and triples of common types: SWEEP='--samples 100'.
.PHONY: solve-sweep
solve-sweep: setup
	@$(MAKE) --no-print-directory $(jobs) all $(B)/bench/solve_sweep
	@$(MAKE) --no-print-directory sdk
	@$(B)/bench/solve_sweep $${RACE_CACHE:-$$HOME/.cache/race}/sdk/default $(SWEEP)
$(B)/obj/tests/bench/solve_sweep.o: CPPFLAGS += $(LLVM_CPPFLAGS)
$(B)/bench/solve_sweep: $(call obj,$(common_src) $(target_src) \
		$(filter-out userspace/build/main.cc,$(build_src))) $(B)/obj/tests/bench/solve_sweep.o
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CXX) $(CXXFLAGS) -o $@ $^ $(LLVM_LIBS) $(TARGET_LIBS)

# TESTS='resolve_* unit' selects.
check: setup
	@$(MAKE) --no-print-directory $(jobs) all guest unit-tests fuzz
	@$(MAKE) --no-print-directory sdk
	@$(MAKE) --no-print-directory validator
	@$(MAKE) --no-print-directory debug-kernel
	@tests/run $(TESTS)

# What was built before, stripped.  The drivers' folders that the programs look in are
# those of /usr/local and /usr.
.PHONY: install
PREFIX ?= /usr/local
install_to = install -D -m $(1) $(2) $(DESTDIR)$(strip $(3))
install: $(B)/race $(B)/race-modprobe $(B)/race-build $(B)/race.rcrate
	@rm -rf $(B)/man && scripts/man-pages $(B) $(B)/man
	@for name in race race-build; do \
		$(call install_to,755,-s $(B)/$$name,$(PREFIX)/bin/$$name) || exit 1; done
	@$(call install_to,755,-s $(B)/race-modprobe,$(PREFIX)/sbin/race-modprobe)
	@$(call install_to,644,$(B)/race.rcrate,$(PREFIX)/lib/race/race.rcrate)
	@for page in $$(cd $(B)/man && ls man?/*); do \
		$(call install_to,644,$(B)/man/$$page,$(PREFIX)/share/man/$$page) || exit 1; done
	@for name in race race-modprobe; do $(call install_to,644,packaging/completion/race.bash,\
		$(PREFIX)/share/bash-completion/completions/$$name) || exit 1; done
	@$(call install_to,644,packaging/completion/race.zsh,$(PREFIX)/share/zsh/site-functions/_race)
	@$(call install_to,644,packaging/modprobe.d/race.conf,$(PREFIX)/share/doc/race/examples/modprobe.d/race.conf)
	@for hook in postinst postrm; do \
		$(call install_to,755,packaging/hooks/$$hook,$(PREFIX)/lib/race/hooks/$$hook) && \
		$(call install_to,755,packaging/hooks/$$hook,/etc/kernel/$$hook.d/00-race) || exit 1; done
	@$(call install_to,755,packaging/hooks/kernel-install,$(PREFIX)/lib/kernel/install.d/40-race.install)

demo: setup
	@$(MAKE) --no-print-directory $(jobs) all guest
	@$(MAKE) --no-print-directory sdk
	@$(MAKE) --no-print-directory validator
	@scripts/demo

matrix: setup
	@$(MAKE) --no-print-directory $(jobs) all guest
	@$(MAKE) --no-print-directory sdk
	@$(MAKE) --no-print-directory validator
	@MATRIX='$(MATRIX)' scripts/matrix $(if $(BASE),--series $(BASE))

.PHONY: doc-examples
doc-examples: setup
	@$(MAKE) --no-print-directory $(jobs) all guest
	@$(MAKE) --no-print-directory sdk
	@$(MAKE) --no-print-directory validator
	@EXAMPLES='$(EXAMPLES)' scripts/doc-examples

.PHONY: oracle
oracle: setup
	@$(MAKE) --no-print-directory $(jobs) all
	@$(MAKE) --no-print-directory sdk
	@scripts/oracle $(ORACLE)

# The same versions on Debian 12 and 13, which differ in what they find.
CLANG_FORMAT := clang-format-22
CLANG_TIDY := clang-tidy-22
# include/race/ is in kernel style, aligned by hand.
cxx_files = $(shell find userspace tests -name '*.cc' -o -name '*.h')
formatted_files = $(cxx_files) $(wildcard tests/guest/*.c tests/kernel/*.c tests/relocation/targets/*.c)
shell_files = $(shell grep -lE '^\#!/bin/(ba|busybox )?sh|^\# shellcheck shell=' \
	$$(find scripts qemu tests packaging .ci -type f))

lint: lint-format lint-shell lint-tidy
lint-format:
	@echo "clang-format: $(words $(formatted_files)) files"
	@$(CLANG_FORMAT) --dry-run -Werror $(formatted_files)
format:
	$(CLANG_FORMAT) -i $(formatted_files)
lint-shell:
	@echo "shellcheck: $(words $(shell_files)) files"
	@shellcheck -x -S warning -P qemu:tests $(shell_files)
# What is known to be clean is not looked at again.
lint-tidy:
	@RACE_CACHE=$(RACE_CACHE) scripts/lint-tidy --tidy $(CLANG_TIDY) $(filter %.cc,$(cxx_files)) -- \
		-std=c++20 $(CPPFLAGS) $(LLVM_CPPFLAGS)
