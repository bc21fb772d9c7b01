/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * steg.h - the binary form of a Semantic Type & Effects Graph (STEG)
 *
 * A header, a table of nodes, a table of edges and a string table.  Offsets are
 * in bytes from the end of the header (hdr_len), 8-byte aligned.  Node ids are
 * indexes into the node table; node 0 is void.  A node's edges are consecutive:
 * edges[first_edge .. first_edge + edge_count).
 *
 * The C half (STEG_VOID to STEG_VAR) says what BTF says.  The Rust half has its
 * kinds reserved here, so that what comes later adds nodes to the same graph.
 * Reserved fields must be zero.  Documentation/format-steg.md has the prose.
 */
#ifndef RACE_STEG_H
#define RACE_STEG_H

#include <linux/types.h>

#define STEG_MAGIC	"STEG"
#define STEG_MAGIC_LEN	4
#define STEG_VERSION	1

struct steg_header {
	__u8  magic[STEG_MAGIC_LEN];
	__u16 version;		/* STEG_VERSION */
	__u16 flags;		/* must be 0 */
	__u32 hdr_len;		/* bytes, sizeof(struct steg_header) here */
	__u32 crc32;		/* zlib crc32 of the whole, this field as 0 */
	__u32 node_offset;
	__u32 node_count;
	__u32 edge_offset;
	__u32 edge_count;
	__u32 string_offset;
	__u32 string_length;	/* bytes; the last one is NUL */
};

enum steg_node_kind {
	STEG_VOID	= 0,
	STEG_INT	= 1,	/* flags: STEG_INT_*; value: width in bits, 0: all of size */
	STEG_FLOAT	= 2,
	STEG_POINTER	= 3,	/* edge TARGET */
	STEG_ARRAY	= 4,	/* edge TARGET; value: element count */
	STEG_STRUCT	= 5,	/* edges MEMBER; flags: STEG_INCOMPLETE */
	STEG_UNION	= 6,
	STEG_ENUM	= 7,	/* edges ENUMERATOR */
	STEG_TYPEDEF	= 8,	/* edge TARGET */
	STEG_CONST	= 9,
	STEG_VOLATILE	= 10,
	STEG_RESTRICT	= 11,
	STEG_PROTO	= 12,	/* edges RETURN, PARAM...; flags: STEG_VARIADIC */
	STEG_FUNC	= 13,	/* edge TARGET to its prototype; value: steg_linkage */
	STEG_VAR	= 14,	/* edge TARGET to its type; value: steg_linkage */
	/* the Rust half */
	STEG_RUST_STRUCT = 32,	/* edges MEMBER, GENERIC, LIFETIME, IMPL */
	STEG_RUST_ENUM	 = 33,	/* edges VARIANT; value: niche, see edge */
	STEG_RUST_VARIANT = 34,	/* edges MEMBER */
	STEG_RUST_TRAIT	 = 35,	/* edges SLOT, SUPERTRAIT */
	STEG_RUST_METHOD = 36,	/* edges PARAM, RETURN, LIFETIME; effects */
	STEG_RUST_LIFETIME = 37,	/* edges OUTLIVES */
	STEG_RUST_REFERENCE = 38,	/* edges TARGET, LIFETIME; ownership flags */
	STEG_EFFECT	 = 39,	/* value: STEG_EFFECT_* mask */
};

enum steg_linkage {
	STEG_LINKAGE_STATIC	= 0,
	STEG_LINKAGE_GLOBAL	= 1,
	STEG_LINKAGE_EXTERN	= 2,
};

/* steg_node.flags */
#define STEG_INT_SIGNED	0x0001
#define STEG_INT_CHAR	0x0002
#define STEG_INT_BOOL	0x0004
#define STEG_INCOMPLETE	0x0010	/* declared only: size and members unknown */
#define STEG_VARIADIC	0x0020
#define STEG_ENUM_SIGNED 0x0040
#define STEG_EXPORTED	0x0080	/* FUNC, VAR: modules may use it */
#define STEG_EXPORTED_GPL 0x0100	/* only modules under a GPL-compatible licence */
#define STEG_UNSAFE	0x0200	/* Rust: `unsafe` */
#define STEG_SEND	0x0400
#define STEG_SYNC	0x0800

struct steg_node {
	__u16 kind;		/* enum steg_node_kind */
	__u16 flags;
	__u32 name;		/* string, 0 when unnamed */
	__u64 size;		/* bytes */
	__u64 value;		/* by kind; 0 where the kind says nothing */
	__u32 first_edge;
	__u32 edge_count;
};

enum steg_edge_kind {
	STEG_EDGE_TARGET	= 1,
	STEG_EDGE_MEMBER	= 2,	/* value: offset in bits */
	STEG_EDGE_ENUMERATOR	= 3,	/* value: the constant; target: node 0 */
	STEG_EDGE_RETURN	= 4,
	STEG_EDGE_PARAM		= 5,	/* flags: STEG_OWN_* */
	STEG_EDGE_VARIANT	= 16,	/* value: discriminant */
	STEG_EDGE_NICHE		= 17,	/* value: offset in bits; target: carrier */
	STEG_EDGE_SLOT		= 18,	/* value: vtable slot index */
	STEG_EDGE_SUPERTRAIT	= 19,
	STEG_EDGE_IMPL		= 20,
	STEG_EDGE_GENERIC	= 21,
	STEG_EDGE_LIFETIME	= 22,
	STEG_EDGE_OUTLIVES	= 23,
	STEG_EDGE_EFFECT	= 24,
};

/* steg_edge.flags: ownership of a parameter or result */
#define STEG_OWN_MOVED		0x0001
#define STEG_OWN_BORROWED	0x0002
#define STEG_OWN_BORROWED_MUT	0x0004

struct steg_edge {
	__u16 kind;		/* enum steg_edge_kind */
	__u16 flags;
	__u32 name;		/* string */
	__u32 target;		/* node id */
	__u32 bits;		/* MEMBER: width of a bitfield, else 0 */
	__u64 value;		/* by kind; ENUMERATOR: two's complement */
};

#ifdef __cplusplus
static_assert(sizeof(struct steg_header) == 40);
static_assert(sizeof(struct steg_node) == 32);
static_assert(sizeof(struct steg_edge) == 24);
#endif

#endif /* RACE_STEG_H */
