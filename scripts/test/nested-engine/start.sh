#!/bin/sh
# What `privileged` would have done: control groups that can be written to, and mounts that reach into containers.
set -eu
# What hides or write-protects parts of /proc and /sys. (Compose 1 has no word for leaving that out.)
sed -n 's|^[^ ]* \(/proc/[^ ]*\) .*|\1|p' /proc/self/mounts | sort -r | while read -r path; do umount "$path"; done
mount -o remount,rw /sys
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
  # cgroup v1: a hierarchy for each controller, ours in place of those that were handed in to be read.
  umount -R /sys/fs/cgroup
  mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  while read -r name _ _ enabled; do
    [ "$enabled" = 1 ] || continue
    mkdir -p "/sys/fs/cgroup/$name"
    mount -t cgroup -o "$name" "$name" "/sys/fs/cgroup/$name" || rmdir "/sys/fs/cgroup/$name"
  done < /proc/cgroups
else
  mount -o remount,rw /sys/fs/cgroup
fi
mount --make-rshared /
# Below our own group, so that this service's limits hold for all programs together, as they do when it is privileged.
exec dockerd-entrypoint.sh --cgroup-parent="$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)/sandboxes" "$@"
