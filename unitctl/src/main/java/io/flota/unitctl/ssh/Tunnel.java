package io.flota.unitctl.ssh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Ports of this computer that lead to a cluster through a host that runs sshd. It ends with this process, however that
/// ends: the far side waits for the end of its input.
public final class Tunnel implements AutoCloseable {
    /// What the far side says once all is set up; whatever a login prints comes before it.
    private static final String READY = "unitctl tunnel is ready";
    /// ssh ends by itself once its input is closed, but not if the network is gone.
    private static final long GRACE_SECONDS = 2;

    private final Process ssh;
    private final List<Integer> ports;

    private Tunnel(Process ssh, List<Integer> ports) {
        this.ssh = ssh;
        this.ports = List.copyOf(ports);
    }

    /// Opens a tunnel to all of these.
    ///
    /// @param via the host that runs sshd, maybe with a port
    /// @param targets each as `host:port`, seen from there
    /// @throws IOException if there is none; ssh has said why
    public static Tunnel open(SshAccess access, String via, List<String> targets) throws IOException {
        var flags = new ArrayList<>(List.of("-T", "-a", "-x", "-S", "none", "-o", "ExitOnForwardFailure=yes"));
        var ports = new ArrayList<Integer>();
        for (String target : targets) {
            ports.add(freePort());
            flags.addAll(List.of("-L", "127.0.0.1:" + ports.getLast() + ":" + target));
        }
        var command = List.of("echo", READY, "&&", "exec", "cat");
        var tunnel = new Tunnel(start(access.toTunnel(via, flags, command)), ports);
        if (!tunnel.isReady()) {
            int status = tunnel.ssh.onExit().join().exitValue(); // it has closed its output, and ends
            throw new IOException(
                    "no tunnel by " + via + ": ssh ended with " + status + " (--tunnel, FLEETCTL_TUNNEL)");
        }
        return tunnel;
    }

    /// Of this computer, in the order of the targets.
    public List<Integer> ports() {
        return ports;
    }

    /// Starts an `ssh` whose errors and questions reach the operator.
    private static Process start(List<String> words) throws IOException {
        try {
            return new ProcessBuilder(words).redirectError(Redirect.INHERIT).start();
        } catch (IOException missing) {
            throw new IOException("cannot run ssh, which --tunnel needs: is openssh-client installed?", missing);
        }
    }

    private boolean isReady() throws IOException {
        var lines = new BufferedReader(new InputStreamReader(ssh.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.endsWith(READY)) {
                return true;
            }
        }
        return false;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        try {
            ssh.getOutputStream().close();
            if (!ssh.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                ssh.destroy();
            }
        } catch (IOException _) {
            ssh.destroy(); // it has ended, or will now
        } catch (InterruptedException _) {
            ssh.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
