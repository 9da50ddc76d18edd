# SPDX-License-Identifier: Apache-2.0
# Language, warnings, linker, sanitizers: the same for every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(NUBO_SANITIZE "" CACHE STRING "Sanitizers for every target, as -fsanitize takes them")
option(NUBO_FUZZ "Build the fuzzers (test/fuzz) in place of the tests; needs clang" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(nubo_flags INTERFACE)
target_compile_options(nubo_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wnon-virtual-dtor -Wswitch-enum -Werror -Wno-missing-field-initializers
  # false for variants of strings with optimisation (GCC 12)
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
target_compile_definitions(nubo_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_include_directories(nubo_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)

find_program(MOLD mold)
if(MOLD)
  target_link_options(nubo_flags INTERFACE -fuse-ld=mold)
endif()
if(NUBO_SANITIZE)
  target_compile_options(nubo_flags INTERFACE -fsanitize=${NUBO_SANITIZE} -fno-omit-frame-pointer
    -Wno-mismatched-new-delete
    -Wno-subobject-linkage)  # GCC takes the files inside a unity file for headers
  target_link_options(nubo_flags INTERFACE -fsanitize=${NUBO_SANITIZE})
endif()
if(NUBO_SANITIZE STREQUAL "thread")
  target_compile_options(nubo_flags INTERFACE -Wno-tsan)  # Asio's fences, which it does not follow
endif()
if(NUBO_FUZZ)
  set(fuzz_sanitizers -fsanitize=fuzzer-no-link,address,undefined)
  target_compile_options(nubo_flags INTERFACE ${fuzz_sanitizers} -fno-sanitize-recover=undefined
    -fno-omit-frame-pointer)
  target_link_options(nubo_flags INTERFACE ${fuzz_sanitizers})
endif()
