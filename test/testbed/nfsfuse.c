// SPDX-License-Identifier: Apache-2.0
/*
 * nfsfuse SERVER EXPORT MOUNTPOINT [-o FUSE OPTIONS] - mounts an NFSv3 export through FUSE.
 *
 * The kernel of the test machines has no NFS client; this stands in for
 * `mount -t nfs`, over libnfs.  One thread, one request at a time, no caching of
 * its own.  Locks stay local to the mount (as with `mount -o nolock`).
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <nfsc/libnfs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>

static struct nfs_context *nfs;

static struct nfsfh *handle(const struct fuse_file_info *fi)
{
    return (struct nfsfh *)(uintptr_t)fi->fh;
}

/* The server sees root, so what a caller makes is handed to the caller. */
static int give_to_caller(const char *path)
{
    const struct fuse_context *c = fuse_get_context();
    return nfs_lchown(nfs, path, (int)c->uid, (int)c->gid);
}

static int do_getattr(const char *path, struct stat *out, struct fuse_file_info *fi)
{
    struct nfs_stat_64 s;
    (void)fi;
    int rc = nfs_lstat64(nfs, path, &s);
    if (rc < 0)
        return rc;
    memset(out, 0, sizeof *out);
    out->st_ino = s.nfs_ino;
    out->st_mode = (mode_t)s.nfs_mode;
    out->st_nlink = s.nfs_nlink;
    out->st_uid = (uid_t)s.nfs_uid;
    out->st_gid = (gid_t)s.nfs_gid;
    out->st_size = (off_t)s.nfs_size;
    out->st_blksize = (blksize_t)s.nfs_blksize;
    out->st_blocks = (blkcnt_t)s.nfs_blocks;
    out->st_atim = (struct timespec){(time_t)s.nfs_atime, (long)s.nfs_atime_nsec};
    out->st_mtim = (struct timespec){(time_t)s.nfs_mtime, (long)s.nfs_mtime_nsec};
    out->st_ctim = (struct timespec){(time_t)s.nfs_ctime, (long)s.nfs_ctime_nsec};
    return 0;
}

static int do_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t off,
                      struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
    struct nfsdir *dir;
    struct nfsdirent *e;
    (void)off, (void)fi, (void)flags;
    int rc = nfs_opendir(nfs, path, &dir);
    if (rc < 0)
        return rc;
    while ((e = nfs_readdir(nfs, dir)) != NULL)
        fill(buf, e->name, NULL, 0, 0);
    nfs_closedir(nfs, dir);
    return 0;
}

static int do_open(const char *path, struct fuse_file_info *fi)
{
    struct nfsfh *fh;
    int rc = nfs_open(nfs, path, fi->flags & (O_ACCMODE | O_APPEND), &fh);
    if (rc < 0)
        return rc;
    fi->fh = (uint64_t)(uintptr_t)fh;
    return 0;
}

static int do_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
    struct nfsfh *fh;
    int rc = nfs_creat(nfs, path, (int)(mode & 07777), &fh);
    if (rc < 0)
        return rc;
    fi->fh = (uint64_t)(uintptr_t)fh;
    return give_to_caller(path);
}

static int do_read(const char *path, char *buf, size_t n, off_t off, struct fuse_file_info *fi)
{
    (void)path;
    return nfs_pread(nfs, handle(fi), (uint64_t)off, n, buf);
}

static int do_write(const char *path, const char *buf, size_t n, off_t off, struct fuse_file_info *fi)
{
    (void)path;
    return nfs_pwrite(nfs, handle(fi), (uint64_t)off, n, (void *)(uintptr_t)buf);
}

static int do_fsync(const char *path, int data_only, struct fuse_file_info *fi)
{
    (void)path, (void)data_only;
    return nfs_fsync(nfs, handle(fi));
}

static int do_release(const char *path, struct fuse_file_info *fi)
{
    (void)path;
    return nfs_close(nfs, handle(fi));
}

static int do_mkdir(const char *path, mode_t mode)
{
    int rc = nfs_mkdir2(nfs, path, (int)mode);
    return rc < 0 ? rc : give_to_caller(path);
}

static int do_symlink(const char *target, const char *path)
{
    int rc = nfs_symlink(nfs, target, path);
    return rc < 0 ? rc : give_to_caller(path);
}

static int do_readlink(const char *path, char *buf, size_t n)
{
    int rc = nfs_readlink(nfs, path, buf, (int)n);
    return rc < 0 ? rc : 0;
}

static int do_rename(const char *from, const char *to, unsigned flags)
{
    return flags ? -EINVAL : nfs_rename(nfs, from, to);
}

static int do_truncate(const char *path, off_t n, struct fuse_file_info *fi)
{
    (void)fi;
    return nfs_truncate(nfs, path, (uint64_t)n);
}

static int do_chmod(const char *path, mode_t mode, struct fuse_file_info *fi)
{
    (void)fi;
    return nfs_chmod(nfs, path, (int)(mode & 07777));
}

static int do_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *fi)
{
    (void)fi;
    return nfs_lchown(nfs, path, (int)uid, (int)gid);
}

static int do_utimens(const char *path, const struct timespec t[2], struct fuse_file_info *fi)
{
    struct timeval v[2];
    struct nfs_stat_64 s;
    (void)fi;
    int rc = nfs_lstat64(nfs, path, &s);
    if (rc < 0)
        return rc;
    v[0] = (struct timeval){(time_t)s.nfs_atime, (long)s.nfs_atime_nsec / 1000};
    v[1] = (struct timeval){(time_t)s.nfs_mtime, (long)s.nfs_mtime_nsec / 1000};
    for (int i = 0; i < 2; i++) {
        if (t[i].tv_nsec == UTIME_NOW)
            gettimeofday(&v[i], NULL);
        else if (t[i].tv_nsec != UTIME_OMIT)
            v[i] = (struct timeval){t[i].tv_sec, t[i].tv_nsec / 1000};
    }
    return nfs_utimes(nfs, path, v);
}

static int do_unlink(const char *path) { return nfs_unlink(nfs, path); }
static int do_rmdir(const char *path) { return nfs_rmdir(nfs, path); }
static int do_link(const char *from, const char *to) { return nfs_link(nfs, from, to); }
static int do_statfs(const char *path, struct statvfs *out) { return nfs_statvfs(nfs, path, out); }

static const struct fuse_operations ops = {
    .getattr = do_getattr, .readdir = do_readdir, .open = do_open, .create = do_create,
    .read = do_read, .write = do_write, .fsync = do_fsync, .release = do_release,
    .mkdir = do_mkdir, .rmdir = do_rmdir, .unlink = do_unlink, .rename = do_rename,
    .symlink = do_symlink, .readlink = do_readlink, .link = do_link, .truncate = do_truncate,
    .chmod = do_chmod, .chown = do_chown, .utimens = do_utimens, .statfs = do_statfs,
};

int main(int argc, char **argv)
{
    char *args[64] = {argv[0], "-s"};
    int n = 2;
    if (argc < 4 || argc > 60) {
        fprintf(stderr, "usage: nfsfuse SERVER EXPORT MOUNTPOINT [-o FUSE OPTIONS]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++)
        args[n++] = argv[i];
    args[n++] = "-f"; /* fuse must not fork: the connection below belongs to this process */
    nfs = nfs_init_context();
    if (nfs == NULL)
        return 1;
    nfs_set_uid(nfs, 0);
    nfs_set_gid(nfs, 0);
    nfs_set_dircache(nfs, 0);
    if (nfs_mount(nfs, argv[1], argv[2]) < 0) {
        fprintf(stderr, "nfsfuse: %s\n", nfs_get_error(nfs));
        return 1;
    }
    return fuse_main(n, args, &ops, NULL);
}
