package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;

/// A node in a cgroup of its own: the kernel knows all of its processes, whatever they did to hide.
///
/// Main sits in a child of it, since a cgroup that hands controllers on to its children must hold no process.
record CgroupEnclosure(Cgroup cluster, Cgroup cgroup) implements Enclosure {
    private Cgroup main() {
        return cgroup.child("main");
    }

    @Override
    public ImmutableList<String> wrap(ImmutableList<String> command) throws IOException {
        cluster.make();
        cgroup.make();
        main().make();
        return ImmutableList.<String>builder()
                .add("/bin/sh", "-c", "echo $$ > \"$0/cgroup.procs\" && exec setsid \"$@\"")
                .add(main().path().toString())
                .addAll(command)
                .build();
    }

    @Override
    public ImmutableMap<String, String> environment() {
        return ImmutableMap.of("FLOTA_CGROUP_PARENT", cgroup.path().toString());
    }

    @Override
    public void kill(Part part) throws IOException, LocalException {
        switch (part) {
            case ALL -> {
                cgroup.kill();
                resume(); // a frozen cgroup would freeze what is started in it next
            }
            case MAIN -> {
                main().kill();
                main().freeze(false);
            }
        }
    }

    @Override
    public void pause(Part part) throws IOException, LocalException {
        of(part).freeze(true);
    }

    @Override
    public void resume() throws IOException, LocalException {
        main().freeze(false);
        cgroup.freeze(false);
    }

    @Override
    public boolean paused(Part part) throws IOException {
        return of(part).frozen();
    }

    @Override
    public boolean empty() throws IOException {
        return !cgroup.populated();
    }

    private Cgroup of(Part part) {
        return switch (part) {
            case ALL -> cgroup;
            case MAIN -> main();
        };
    }
}
