"""Which system calls a kernel may make: every name here was weighed, and what isn't here is unknown.

Drawn from what Docker's default profile and systemd's ``@system-service`` allow (docs.docker.com,
"Seccomp security profiles"; systemd.exec(5)), less what one process with threads doesn't need.
"""

from __future__ import annotations

_FILES = """
    access chdir close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
    fallocate fchdir fcntl fdatasync fgetxattr flistxattr flock fstat fstatfs fsync ftruncate futimesat
    getcwd getdents getdents64 getxattr ioctl lgetxattr link linkat listxattr llistxattr lseek lstat
    mkdir mkdirat newfstatat open openat pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2
    read readahead readlink readlinkat readv rename renameat renameat2 rmdir sendfile splice stat statfs
    statx symlink symlinkat sync_file_range tee umask unlink unlinkat utime utimensat utimes write writev
"""
_MEMORY = """
    brk get_mempolicy madvise mbind membarrier mincore mmap mprotect mremap msync munmap
"""
_WAITING = """
    epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old
    eventfd eventfd2 poll ppoll pselect6 select signalfd signalfd4
"""
_TIME = """
    alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep pause setitimer time
    timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
    timerfd_settime
"""
_SOCKETS = """
    accept accept4 bind getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg
    sendmsg sendto setsockopt shutdown socket socketpair
"""
_THREADS = """
    arch_prctl clone exit exit_group futex futex_waitv get_robust_list gettid restart_syscall
    rseq sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
    sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setscheduler sched_yield set_robust_list
    set_tid_address
"""
_SIGNALS = """
    kill rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sigaltstack
    tgkill
"""
_ABOUT_ITSELF = """
    capget getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getrandom
    getresgid getresuid getrlimit getrusage getsid getuid prctl prlimit64 setpriority setrlimit sysinfo
    times uname wait4 waitid
"""

ALLOWED = tuple(
    " ".join((_FILES, _MEMORY, _WAITING, _TIME, _SOCKETS, _THREADS, _SIGNALS, _ABOUT_ITSELF)).split()
)
"""Calls that a kernel may make, some of them with bounds on their arguments."""

_PROGRAMS_AND_PROCESSES = """
    execve execveat fork setpgid setsid vfork
"""
_OTHERS = """
    ioprio_set kcmp migrate_pages move_pages pidfd_getfd pidfd_open pidfd_send_signal process_madvise
    process_mrelease process_vm_readv process_vm_writev ptrace rt_sigqueueinfo rt_tgsigqueueinfo
    sched_setattr sched_setparam set_mempolicy tkill
"""
# With an id that is the server's own, modes and owners of its files would be a kernel's to change;
# Landlock doesn't know these, and truncate(2) only from ABI 3.
_MODES = """
    chmod chown fchmod fchmodat fchown fchownat fremovexattr fsetxattr lchown lremovexattr lsetxattr mknod
    mknodat removexattr setxattr truncate
"""
# Memory that no resource limit counts, or that outlives its process.
_SHARED_MEMORY = """
    memfd_create memfd_secret mq_open mq_unlink msgctl msgget msgrcv msgsnd remap_file_pages semctl semget
    semop semtimedop shmat shmctl shmdt shmget
"""
_IDENTITY = """
    capset setfsgid setfsuid setgid setgroups setregid setresgid setresuid setreuid setuid
"""
_NAMESPACES = """
    chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root setns umount2
    unshare
"""
# Where holes in Linux itself were found again and again, and what no computation needs.
_SYSTEM = """
    acct add_key adjtimex bpf clock_adjtime clock_settime connect delete_module fanotify_init fanotify_mark
    finit_module init_module inotify_add_watch inotify_init inotify_init1 io_uring_enter io_uring_register
    io_uring_setup ioperm iopl kexec_file_load kexec_load keyctl lookup_dcookie modify_ldt
    name_to_handle_at open_by_handle_at perf_event_open personality quotactl quotactl_fd reboot request_key
    seccomp sethostname setdomainname settimeofday swapoff swapon sync syncfs syslog userfaultfd vhangup
    vmsplice
"""

DENIED = tuple(
    " ".join(
        (_PROGRAMS_AND_PROCESSES, _OTHERS, _MODES, _SHARED_MEMORY, _IDENTITY, _NAMESPACES, _SYSTEM)
    ).split()
)
"""Calls that are answered with EPERM, as "not permitted" tells an author more than "not there"."""
