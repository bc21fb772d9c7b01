/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * rcrate.h - the `.race` section of a .rcrate, as it lies in the file
 *
 * A .rcrate is an ELF64 relocatable object for x86-64, little endian.  Its code
 * and data use ordinary relocations; every number that depends on the target
 * kernel's layouts is an undefined symbol, listed in the table `symbols` below
 * with the expression that gives its value.
 *
 * The section `.race` starts with struct race_header.  All table offsets are in
 * bytes, relative to the end of the header (hdr_len), and 8-byte aligned.  A
 * reader takes hdr_len from the file: a longer header is a newer one, whose
 * additional fields it ignores; a shorter one is malformed.
 *
 * A string reference is a byte offset into the string table; strings end with
 * NUL and offset 0 is the empty string.  Reserved fields must be zero.
 *
 * Documentation/format-rcrate.md describes the same in prose.
 */
#ifndef RACE_RCRATE_H
#define RACE_RCRATE_H

#include <linux/types.h>

#define RACE_SECTION ".race"
#define RACE_STEG_SECTION ".race.steg"

#define RACE_MAGIC "RCRATE\0\0"
#define RACE_MAGIC_LEN 8
#define RACE_VERSION 3

/* Prefix of functions that stand in for imports which a target does not have. */
#define RACE_ADAPTER_PREFIX "race_adapter_"

/*
 * Prefix of the undefined symbols by which such functions call the target's own
 * function of the same name, with its former prototype.
 */
#define RACE_FORMER_PREFIX "race_former_"

/* Prefix of every layout symbol; see Documentation/symbol-grammar.md. */
#define RACE_SYMBOL_PREFIX "race:"

struct race_table {
  __u32 offset; /* bytes from the end of the header */
  __u32 count;  /* records; for `strings`, bytes */
};

struct race_header {
  __u8 magic[RACE_MAGIC_LEN];
  __u16 version; /* RACE_VERSION */
  __u16 machine; /* EM_X86_64 */
  __u32 hdr_len; /* bytes, sizeof(struct race_header) here */
  __u32 flags;   /* no flag is defined: must be 0 */
  __u32 crc32;   /* zlib crc32 of the whole section, this field as 0 */
  struct race_table strings;
  struct race_table manifest;  /* struct race_property */
  struct race_table contracts; /* struct race_contract */
  struct race_table exprs;     /* struct race_expr */
  struct race_table terms;     /* struct race_term */
  struct race_table symbols;   /* struct race_symbol */
  struct race_table rooms;     /* struct race_room */
  struct race_table shapes;    /* struct race_shape */
  struct race_table pieces;    /* struct race_piece */
};

/* Manifest entry.  Keys may repeat; the order is the producer's. */
struct race_property {
  __u32 key;   /* string */
  __u32 value; /* string */
};

/*
 * What the .rcrate needs of its target.
 *
 * FIELD	`root`.`path` exists; its type is as `type` in the STEG of this
 *		.rcrate; value: the byte offset of the field in `root`.  Those of
 *		one `root` and `unit`, where that is not 0, must give the same
 *		value: the code reaches any of the members of a union there.
 * SIZE		`root` exists as a complete type; value: its size in bytes.
 * ENUMERATOR	the enumerator `path` (of enum `root`, which may be empty).
 * FROZEN	`root` has exactly the layout of node `type` (size, and name,
 *		offset, type of every member, recursively by value).
 * FUNCTION	`root` is exported to modules, with the prototype `type`; or, where
 *		`path` is not empty, it exists with that prototype and the Rust
 *		function `path` ("kernel::devres::base::devres_node_add"), which
 *		only passes on to it, is exported to modules.
 * VARIABLE	`root` is exported to modules, with the type `type`.
 * CONFIG	the target was built with the fact `root` = `path`.
 * BITFIELD	`root`.`path` exists with `width` bits and the signedness of `type`;
 *		the code reaches it through a storage unit in which it begins at
 *		`bit`; value: the byte offset of that unit in `root`.  All contracts
 *		of one `root` and `unit` must give the same value.
 * ALIGN	`root` exists as a complete type; value: its alignment in bytes.
 * EXISTS_*	whether a contract of that kind with this root, path and type would
 *		hold, whatever its value; value: 1 or 0.  It does not fail, unless
 *		the target has two types of that name and they do not agree.
 * LACKS_FUNCTION  the opposite: 1 where a FUNCTION contract with this root,
 *		path and type would not hold, else 0.
 *
 * `root` is the name of a C type: "struct file", "union u", "enum e" or, for a
 * typedef of an unnamed aggregate, "kuid_t".  `path` is dot separated; members
 * reached through unnamed members are named directly, as in C.
 */
enum race_contract_kind {
  RACE_CONTRACT_FIELD = 1,
  RACE_CONTRACT_SIZE = 2,
  RACE_CONTRACT_ENUMERATOR = 3,
  RACE_CONTRACT_FROZEN = 4,
  RACE_CONTRACT_FUNCTION = 5,
  RACE_CONTRACT_VARIABLE = 6,
  RACE_CONTRACT_CONFIG = 7,
  RACE_CONTRACT_BITFIELD = 8,
  RACE_CONTRACT_ALIGN = 9,
  RACE_CONTRACT_EXISTS_FIELD = 10, /* `type` optional; bit fields too */
  RACE_CONTRACT_EXISTS_TYPE = 11,  /* complete; as SIZE */
  RACE_CONTRACT_EXISTS_ENUMERATOR = 12,
  RACE_CONTRACT_EXISTS_FUNCTION = 13,
  RACE_CONTRACT_EXISTS_VARIABLE = 14,
  RACE_CONTRACT_LACKS_FUNCTION = 15,
};

#define RACE_NO_TYPE 0xffffffffu /* race_contract.type: not described */

struct race_contract {
  __u32 kind;       /* enum race_contract_kind */
  __u16 bit;        /* BITFIELD: its first bit in the unit; else 0 */
  __u8 width;       /* BITFIELD: bits, 1 to 64; else 0 */
  __u8 unit;        /* BITFIELD, FIELD: number of what is shared in `root`; else 0 */
  __u32 root;       /* string */
  __u32 path;       /* string, empty where it has no meaning */
  __u32 type;       /* node id in the STEG, or RACE_NO_TYPE */
  __u32 align;      /* alignment of `root` in bytes, 0: not known */
  __u64 base_value; /* the value in the base kernel */
  __u64 low;        /* smallest value the code was compiled with */
  __u64 high;       /* largest; a target outside is refused */
  __u32 source;     /* string: "file.rs:line" that needs it */
  __u32 guard;      /* 0, or 1 + index of an EXISTS_* contract: where that
                     * one is 0 (with RACE_CONTRACT_UNLESS: where it is 1),
                     * this one need not hold and has no value */
  __u32 substitute; /* 0, or 1 + index of a LACKS_FUNCTION contract: where
                     * that one is 1, this one is not held against the
                     * target: a number is `base_value`, and a function
                     * is the object's own RACE_ADAPTER_PREFIX `root` */
  __u32 flags;      /* RACE_CONTRACT_... */
};

/*
 * FUNCTION: `type` is a prototype that the function had before the one that the
 * driver was compiled with.  The object's symbol for it is RACE_FORMER_PREFIX
 * `root`; only a function that stands in for `root` refers to it.  It has a type,
 * no `path`, no `substitute`, and a LACKS_FUNCTION contract as its guard.
 */
#define RACE_CONTRACT_FORMER 1u

/* With `guard`, and not FORMER: the contract counts where its guard is 0. */
#define RACE_CONTRACT_UNLESS 2u

/*
 * ENUMERATOR: it is the number of a bit (___GFP_ZERO_BIT), and the contract's value
 * is the mask that this bit is, 1 << the enumerator.  So are base_value, low, high.
 */
#define RACE_CONTRACT_MASK 4u

/*
 * SIZE, with `align`: the code aligns what it has of `root` itself to that, which may be
 * more than `root` asks for.  It holds where `root` does not ask for more.
 */
#define RACE_CONTRACT_ALIGN_AT_MOST 8u

/*
 * value = constant + sum of terms[first .. first + count).  The expressions'
 * terms, and the shapes' pieces, follow one another in their table: each belongs
 * to exactly one.
 */
struct race_expr {
  __s64 constant;
  __u32 first_term;
  __u32 term_count;
};

enum race_term_kind {
  RACE_TERM_CONTRACT = 0, /* the value of the contract `index`, which has one */
  RACE_TERM_EXPR = 1,     /* the value of the expression `index`, an earlier one */
};

/*
 * An expression holds expressions at most this deep, and so many terms in all, those of the
 * held ones included.
 */
#define RACE_EXPR_DEPTH_MAX 32
#define RACE_EXPR_TERMS_MAX 65536

/*
 * coefficient * round_up(value, round).  `round` is 0 or a power of two: in the driver's own
 * types, what follows a kernel type lies at the next multiple of its own alignment, whatever
 * the kernel type's size is on the target.
 */
struct race_term {
  __s32 coefficient;
  __u32 index;
  __u32 round; /* bytes */
  __u32 kind;  /* enum race_term_kind */
};

/*
 * An undefined symbol of the ELF symbol table and its value.  `low` and `high`
 * are what the code generator was told of it: a target where the value lies
 * outside is refused.
 */
struct race_symbol {
  __u32 name; /* string: begins with RACE_SYMBOL_PREFIX */
  __u32 expr; /* index */
  __s64 low;  /* smallest value */
  __s64 high; /* largest value */
};

/*
 * A number that was fixed when the code was generated and must be large enough:
 * expr <= bound, or the target is refused.
 */
struct race_room {
  __u32 expr;   /* index: bytes needed */
  __u32 source; /* string: the function it is in */
  __u64 bound;  /* bytes reserved */
};

/*
 * A static whose own layout is the target's.  The object refers to it as the
 * undefined symbol `symbol`; the resolver allocates it in `section`, lays out
 * its pieces (all other bytes are zero) and defines the symbol.
 */
struct race_shape {
  __u32 symbol;  /* string */
  __u32 section; /* string: ".rodata", ".data", ".bss" or "__param" */
  __u32 align;   /* bytes, a power of two */
  __u32 size;    /* expr index: bytes */
  __u32 first_piece;
  __u32 piece_count;
};

enum race_piece_kind {
  RACE_PIECE_BYTES = 1,   /* `length` bytes at `data` of the string table */
  RACE_PIECE_ADDRESS = 2, /* 8 bytes: address of symbol `data`, plus expr `value` */
  RACE_PIECE_VALUE = 3,   /* `length` (1, 2, 4, 8) bytes: expr `value` */
};

struct race_piece {
  __u32 offset; /* expr index: bytes from the start of the shape */
  __u32 kind;   /* enum race_piece_kind */
  __u32 data;   /* BYTES: string table offset; ADDRESS: string */
  __u32 length; /* bytes */
  __u32 value;  /* expr index; BYTES: 0 */
  __u32 reserved;
};

#ifdef __cplusplus
static_assert(sizeof(struct race_header) == 24 + 9 * 8);
static_assert(sizeof(struct race_contract) == 64);
static_assert(sizeof(struct race_expr) == 16);
static_assert(sizeof(struct race_term) == 16);
static_assert(sizeof(struct race_symbol) == 24);
static_assert(sizeof(struct race_room) == 16);
static_assert(sizeof(struct race_shape) == 24);
static_assert(sizeof(struct race_piece) == 24);
#endif

#endif /* RACE_RCRATE_H */
