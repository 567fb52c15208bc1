package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;

/// A node in a cgroup of its own: the kernel knows all of its processes, whatever they did to hide.
///
/// The node's own process sits in a child of it, since a cgroup that hands controllers on to its children, as the
/// agent needs it for the limits of units, must hold no process itself.
record CgroupEnclosure(Cgroup cluster, Cgroup cgroup) implements Enclosure {
    @Override
    public ImmutableList<String> wrap(ImmutableList<String> command) throws IOException {
        var main = cgroup.child("main");
        cluster.make();
        cgroup.make();
        main.make();
        return ImmutableList.<String>builder()
                .add("/bin/sh", "-c", "echo $$ > \"$0/cgroup.procs\" && exec setsid \"$@\"")
                .add(main.path().toString())
                .addAll(command)
                .build();
    }

    @Override
    public ImmutableMap<String, String> environment() {
        return ImmutableMap.of("FLOTA_CGROUP_PARENT", cgroup.path().toString());
    }

    @Override
    public void kill() throws IOException, LocalException {
        cgroup.kill();
        cgroup.freeze(false); // or what is started in it next would be frozen
    }

    @Override
    public void pause() throws IOException, LocalException {
        cgroup.freeze(true);
    }

    @Override
    public void resume() throws IOException, LocalException {
        cgroup.freeze(false);
    }

    @Override
    public boolean paused() throws IOException {
        return cgroup.frozen();
    }

    @Override
    public boolean empty() throws IOException {
        return !cgroup.populated();
    }
}
