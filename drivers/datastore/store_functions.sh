# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the datastore driver does where a datastore is, besides ../ssh/disk_functions.sh. An image is
# made in the directory SOURCE.part, as the file `image`, and gets its place when it is whole. Every
# function may be repeated.

# begin SOURCE: says "done" when the image is there, else makes room for it.
begin() {
  if [ -e "$1" ]; then rm -rf -- "$1.part"; echo "done"; return; fi
  hold "$1.part"
  if [ -e "$1" ]; then echo "done"; return; fi
  rm -rf -- "$1.part"/*
}

copy_in() { # SOURCE FILE, of the same node
  hold "$1.part"
  cp --sparse=always -- "$2" "$1.part/image"
}

download() { # SOURCE ADDRESS LIMIT|""
  hold "$1.part"
  # shellcheck disable=SC2086
  curl -fsSL --proto =http,https --proto-redir =http,https ${3:+--limit-rate "$3"} \
    -o "$1.part/image" -- "$2"
}

receive() { # SOURCE: the image is the standard input
  hold "$1.part"
  cp --sparse=always /dev/stdin "$1.part/image"
}

check_hash() { # SOURCE PROGRAM WANTED|""
  [ -n "$3" ] || return 0
  found=$("$2" <"$1.part/image")
  [ "${found%% *}" = "$3" ] || { echo "$2 of the image is ${found%% *}, not $3" >&2; return 1; }
}

packer_of() { # FILE: the program that unpacks it, or nothing
  case $(head -c 6 -- "$1" | od -An -tx1 | tr -d ' \n') in
    1f8b*) echo gzip ;;
    425a68*) echo bzip2 ;;
    fd377a585a00) echo xz ;;
    28b52ffd*) echo zstd ;;
  esac
}

unpack() { # SOURCE
  packer=$(packer_of "$1.part/image")
  [ -n "$packer" ] || return 0
  hold "$1.part"
  # shellcheck disable=SC2216
  { "$packer" -dc <"$1.part/image" || : >"$1.part/broken"; } |
    cp --sparse=always /dev/stdin "$1.part/unpacked"
  [ ! -e "$1.part/broken" ]
  mv -fT -- "$1.part/unpacked" "$1.part/image"
}

describe() { # FILE: as JSON; a text file that only names other files (VMDK descriptor) is refused
  case $(head -c 21 -- "$1" | tr -d '\0') in
    '# Disk DescriptorFile'*) echo "a VMDK of several files cannot be taken" >&2; return 1 ;;
  esac
  qemu-img info -U --output=json -- "$1"
}

convert() { # SOURCE FROM TO
  hold "$1.part"
  qemu-img convert -f "$2" -O "$3" -- "$1.part/image" "$1.part/converted"
  mv -fT -- "$1.part/converted" "$1.part/image"
}

create() { # SOURCE SIZE_MB FORMAT FILE_SYSTEM|""
  hold "$1.part"
  create_disk "$1.part/image" "$2" "$3" "$4"
}

publish() { # SOURCE
  hold "$1.part"
  [ -e "$1" ] || mv -T -- "$1.part/image" "$1"
  rm -rf -- "$1.part"
}

drop_part() { rm -rf -- "$1.part"; } # SOURCE

remove() { rm -rf -- "$1" "$1.snap" "$1.md5sum" "$1.part"; } # SOURCE

# The size of an image in bytes as a guest will see it: of a qcow2 file the virtual one.
size_from_head() { # FILE_WITH_THE_FIRST_32_BYTES SIZE_OTHERWISE
  if [ "$(head -c 4 -- "$1" | od -An -tx1 | tr -d ' \n')" = 514649fb ]; then
    od -An -j24 -N8 -t u8 --endian=big -- "$1" | tr -d ' '
  else
    echo "$2"
  fi
}

with_head() { # runs the rest of the words with a file for the head
  head_file=$(mktemp)
  "$@"
  rm -f -- "$head_file"
}

measure_packed() { # FILE PACKER
  "$2" -dc -- "$1" 2>/dev/null | head -c 32 >"$head_file"
  case $2 in
    xz) whole=$(xz --robot -l -- "$1" | awk '$1 == "totals" { print $5 }') ;;
    *) whole=$("$2" -dc -- "$1" | wc -c) ;;
  esac
  size_from_head "$head_file" "$whole"
}

measure_file() { # FILE UNPACK(yes|no)
  packer=
  [ "$2" != yes ] || packer=$(packer_of "$1")
  if [ -n "$packer" ]; then
    with_head measure_packed "$1" "$packer"
  else
    describe "$1"
  fi
}

measure_head() { # ADDRESS
  whole=$(curl -fsSIL --proto =http,https --proto-redir =http,https -- "$1" | tr -d '\r' |
    awk 'tolower($1) == "content-length:" { n = $2 } END { print n }')
  [ -n "$whole" ] || { echo "$1 does not tell its size" >&2; return 1; }
  curl -fsSL -r 0-31 --proto =http,https --proto-redir =http,https -- "$1" \
    2>/dev/null | head -c 32 >"$head_file" || :
  size_from_head "$head_file" "$whole"
}

measure_address() { with_head measure_head "$1"; } # ADDRESS
