/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A resolved module as bytes: its sections by name, and the contract section taken
 * apart, changed and put back.  A mistake of the test itself ends the program.
 */
#ifndef RACE_TESTS_MODULE_IMAGE_H
#define RACE_TESTS_MODULE_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "race/facts.h"

struct image {
  uint8_t* bytes;
  size_t size;
};

struct image ReadImage(const char* path);
struct image CopyImage(const struct image* image);
void FreeImage(struct image* image);

/* NULL: there is no such section. */
Elf64_Shdr* FindSection(const struct image* image, const char* name);
/* Its bytes in the image. */
uint8_t* SectionBytes(const struct image* image, const char* name, size_t* size);
/* Index of the symbol of that name; 0: none. */
unsigned FindSymbol(const struct image* image, const char* name);

/* The name that the kernel gives the module (at most 55 characters). */
void ModuleName(const struct image* image, char name[56]);
/* Gives it another of the same length. */
void RenameModule(struct image* image, const char* name);

/* A fact whose strings are strings. */
struct fact {
  uint16_t kind, bits;
  const char *root, *path, *text;
  uint64_t value;
  uint32_t module;
  const char* source;
};

#define MAX_MODULES 80
struct contract {
  struct fact* facts;
  size_t nr_facts, room;
  const char* modules[MAX_MODULES];
  size_t nr_modules;
  bool untyped; /* their types were not known when it was made */
  const uint8_t* steg;
  size_t steg_size;
  void* strings; /* what the facts' strings are in */
};

/* Of the image's section, which must be whole. */
struct contract ReadContract(const struct image* image);
struct contract CopyContract(const struct contract* contract);
void AddFact(struct contract* contract, struct fact fact);
void FreeContract(struct contract* contract);

/* As a section, in the order that the format demands. */
struct image WriteSection(const struct contract* contract);
/* Makes the digest fit the section's bytes. */
void Seal(struct image* section);
/* A copy of the module with other bytes in a section. */
struct image WithBytes(const struct image* module, const char* name, const void* bytes,
                       size_t size);
/* A copy of the module with that section instead of its own, anchor and all. */
struct image WithSection(const struct image* module, const struct image* section);
/* WriteSection() and WithSection(). */
struct image WithContract(const struct image* module, const struct contract* contract);

#endif
