# SPDX-License-Identifier: GPL-2.0-only
#
# make            build/race, build/race-modprobe (what users' machines run) and
#                 build/race-build (the build side, which links LLVM)
# make demo       the main job, with all its set-up
# make check      all tests, with all their set-up
# make sdk        the default SDK, in the cache
# make bench      figures: zero cost, resolve times
# make lint       clang-format and clang-tidy

B := build
CXX := g++
OPT ?= -O2 -g
WARN := -Wall -Wextra -Werror
CPPFLAGS := -Iinclude -Iuserspace -I$(B)/generated
CXXFLAGS := -std=c++20 $(OPT) $(WARN) -pthread
LLVM_CONFIG := llvm-config-22
# LLVM's headers are not ours to fix: -isystem keeps their warnings out.
LLVM_CPPFLAGS = -isystem $(shell $(LLVM_CONFIG) --includedir) -D__STDC_CONSTANT_MACROS -D__STDC_LIMIT_MACROS
LLVM_LIBS = $(shell $(LLVM_CONFIG) --ldflags --libs --link-shared)
TARGET_LIBS := -lbpf -lelf -lz -llzma -lzstd -llz4 -lcrypto

COMMON_DIRS := support steg rcrate
TARGET_DIRS := kernel resolve

common_src := $(foreach d,$(COMMON_DIRS),$(wildcard userspace/$(d)/*.cc))
target_src := $(foreach d,$(TARGET_DIRS),$(wildcard userspace/$(d)/*.cc))
race_src := $(wildcard userspace/race/*.cc)
modprobe_src := $(wildcard userspace/modprobe/*.cc)
build_src := $(wildcard userspace/build/*.cc)
unit_src := $(wildcard tests/unit/*.cc)
obj = $(patsubst %.cc,$(B)/obj/%.o,$(1))

.PHONY: all demo check sdk bench lint clean setup
all: $(B)/race $(B)/race-modprobe $(B)/race-build

$(B)/race: $(call obj,$(common_src) $(target_src) $(race_src))
	$(CXX) $(CXXFLAGS) -o $@ $^ $(TARGET_LIBS)
$(B)/race-modprobe: $(call obj,$(common_src) $(target_src) $(modprobe_src))
	$(CXX) $(CXXFLAGS) -o $@ $^ $(TARGET_LIBS) -lkmod
$(B)/race-build: $(call obj,$(common_src) $(build_src))
	$(CXX) $(CXXFLAGS) -o $@ $^ $(LLVM_LIBS) $(TARGET_LIBS)
$(B)/unit-tests: $(call obj,$(common_src) $(target_src) $(unit_src))
	$(CXX) $(CXXFLAGS) -o $@ $^ $(TARGET_LIBS) -lgtest -lgtest_main

$(B)/obj/userspace/build/%.o: CPPFLAGS += $(LLVM_CPPFLAGS)
$(B)/obj/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

clean:
	rm -rf $(B)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
