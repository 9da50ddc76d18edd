// SPDX-License-Identifier: Apache-2.0
// A disk that fails on demand below SQLite: a VFS like the system's whose n-th write or sync
// answers "disk full" or an I/O error. Made default by install(); one per process.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <map>

namespace nubo::test {

class FaultyDisk {
 public:
  static void install() {
    static const bool done = [] {
      static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
      vfs.zName = "faulty";
      real_open_ = vfs.xOpen;
      vfs.xOpen = open;
      return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK;
    }();
    (void)done;
  }

  /// The n-th operation from now on fails, counted from 0, and so do all after it until heal().
  static void fail_from(int n, int error) {
    error_ = error;
    left_ = n;
  }

  static void heal() { left_ = never; }

  /// Whether a failure was answered since fail_from().
  static bool has_failed() { return left_ < 0; }

 private:
  static constexpr int never = 1 << 30;

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    const int outcome = real_open_(vfs, name, file, flags, out);
    if (outcome != SQLITE_OK) return outcome;
    // The system's VFS keeps its state behind pMethods, so its tables can be replaced by copies.
    static std::map<const sqlite3_io_methods*, sqlite3_io_methods> copies;
    const auto [copy, is_new] = copies.try_emplace(file->pMethods, *file->pMethods);
    if (is_new) {
      real_write_ = copy->second.xWrite;
      real_sync_ = copy->second.xSync;
      copy->second.xWrite = write;
      copy->second.xSync = sync;
    }
    file->pMethods = &copy->second;
    return outcome;
  }

  static bool broken() { return left_ < never && left_-- <= 0; }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    return broken() ? error_.load() : real_write_(file, data, size, offset);
  }

  static int sync(sqlite3_file* file, int flags) {
    return broken() ? error_.load() : real_sync_(file, flags);
  }

  static inline std::atomic<int> left_ = never;
  static inline std::atomic<int> error_ = SQLITE_IOERR;
  static inline int (*real_open_)(sqlite3_vfs*, const char*, sqlite3_file*, int, int*) = nullptr;
  static inline int (*real_write_)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;
  static inline int (*real_sync_)(sqlite3_file*, int) = nullptr;
};

}  // namespace nubo::test
