package io.flota.agent;

import com.sun.management.OperatingSystemMXBean;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What this machine says of itself where the operator does not say otherwise.
final class Identity {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    /// An address of TEST-NET-1, which nobody has: it only asks the kernel for a route, and nothing is sent.
    private static final InetSocketAddress SOMEWHERE = new InetSocketAddress("192.0.2.1", 9);

    private Identity() {}

    /// @throws IOException whose message is a line for the operator
    static MachineId machineId(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (IOException e) {
            throw new IOException("cannot read the machine id from " + file
                    + ": run systemd-machine-id-setup, or give --machine-id", e);
        }
        try {
            return new MachineId(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    static String bootId() throws IOException {
        return Files.readString(BOOT_ID).strip();
    }

    static String hostname() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }

    /// The address of the interface that the default route leaves by; empty if there is no such route.
    static String routedAddress() {
        try (var socket = new DatagramSocket()) {
            socket.connect(SOMEWHERE);
            InetAddress address = socket.getLocalAddress();
            return address.isAnyLocalAddress() ? "" : address.getHostAddress();
        } catch (SocketException _) {
            return ""; // no route: the machine has no address that others could use
        }
    }

    static boolean isAddress(String text) {
        try {
            return text.matches("[0-9a-fA-F.:%]+") && InetAddress.getByName(text) != null;
        } catch (UnknownHostException _) {
            return false;
        }
    }

    /// What the kernel or this process's cgroup grants.
    static Resources resources() {
        var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Resources(system.getTotalMemorySize(), Runtime.getRuntime().availableProcessors());
    }
}
