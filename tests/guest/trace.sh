# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# Reads the stack trace that the test driver `trace` made when it was loaded.  The
# kernel marks with "?" what it found on the stack but could not follow.
. /race/lib.sh

check "the driver says so" dmesg_has 'trace: depth 4$'
dmesg_since | sed -n 's/^\[[^]]*\] *//; /Call Trace:/,/<\/TASK>/p' >/tmp/trace
sed 's/^/# /' /tmp/trace
frames=$(sed -nE 's/^ *([?] )?(trace_[a-z]+|do_one_initcall|do_init_module)\+.*/\1\2/p' /tmp/trace |
    tr '\n' ' ')
check "each frame in turn, none by guessing" \
    test "$frames" = "trace_inner trace_middle trace_outer do_one_initcall do_init_module "
check "unload it" rmmod trace
finish
