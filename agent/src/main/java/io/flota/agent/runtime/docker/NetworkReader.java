package io.flota.agent.runtime.docker;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import io.flota.agent.runtime.docker.ContainerSettings.Attachment;
import io.flota.agent.runtime.docker.ContainerSettings.Networking;
import io.flota.agent.runtime.setting.SettingReader;
import java.net.Inet4Address;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Reads where a container is to be reached, and whom it knows.
final class NetworkReader {
    private final SettingReader reader;

    NetworkReader(SettingReader reader) {
        this.reader = reader;
    }

    Networking read() {
        var named = reader.all(ContainerReader.SECTION, "Network", value -> ImmutableList.of(network(expand(value))));
        var aliases = strings("NetworkAlias", this::name);
        var ip = reader.last(ContainerReader.SECTION, "IP", value -> address(expand(value), true));
        var ip6 = reader.last(ContainerReader.SECTION, "IP6", value -> address(expand(value), false));
        var networks = withFirst(named, aliases, ip, ip6);
        var networking = new Networking(
                networks, reader.last(ContainerReader.SECTION, "HostName", value -> name(expand(value))),
                strings("AddHost", NetworkReader::host), strings("DNS", NetworkReader::server),
                strings("DNSOption", option -> option), strings("DNSSearch", domain -> domain),
                reader.all(ContainerReader.SECTION, "PublishPort", value -> PublishedPort.parse(expand(value))),
                reader.all(
                        ContainerReader.SECTION, "ExposeHostPort", value -> PublishedPort.parseExposed(expand(value))));
        check(networking);
        return networking;
    }

    private String expand(String value) {
        return reader.expand(value);
    }

    private ImmutableList<String> strings(String key, UnaryOperator<String> check) {
        return reader.all(ContainerReader.SECTION, key, value -> ImmutableList.of(check.apply(expand(value))));
    }

    /// `NAME`, or `NAME:ip=10.0.0.3,alias=web`.
    private Attachment network(String value) {
        if (value.startsWith("container:") && value.length() > "container:".length()) {
            return new Attachment(value, ImmutableList.of(), Optional.empty(), Optional.empty());
        }
        int colon = value.indexOf(':');
        var network = known(colon < 0 ? value : value.substring(0, colon));
        var aliases = ImmutableList.<String>builder();
        Optional<String> ip = Optional.empty();
        Optional<String> ip6 = Optional.empty();
        for (var option : Splitter.on(',').omitEmptyStrings().split(colon < 0 ? "" : value.substring(colon + 1))) {
            if (option.startsWith("alias=")) {
                aliases.add(name(option.substring(6)));
            } else if (option.startsWith("ip=")) {
                ip = Optional.of(address(option.substring(3), true));
            } else if (option.startsWith("ip6=")) {
                ip6 = Optional.of(address(option.substring(4), false));
            } else {
                throw new IllegalArgumentException(
                        "its option \"" + option + "\" is none that Docker has; use alias=, ip= and ip6=");
            }
        }
        return new Attachment(network, aliases.build(), ip, ip6);
    }

    private static String known(String name) {
        if (name.endsWith(".network") || name.endsWith(".container") || name.endsWith(".pod")) {
            throw new IllegalArgumentException("there are no units for networks; name the network itself, which"
                    + " somebody has to have made with docker network create");
        }
        if (name.equals("pasta") || name.equals("slirp4netns") || name.equals("private") || name.equals("ns")) {
            throw new IllegalArgumentException("\"" + name + "\" is Podman's; Docker's own network is bridge");
        }
        if (!name.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*")) {
            throw new IllegalArgumentException("\"" + name + "\" is not the name of a network");
        }
        return name;
    }

    private ImmutableList<Attachment> withFirst(
            ImmutableList<Attachment> named, ImmutableList<String> aliases, Optional<String> ip, Optional<String> ip6) {
        if (named.isEmpty()) {
            if (!aliases.isEmpty() || ip.isPresent() || ip6.isPresent()) {
                reader.problem("IP=, IP6= and NetworkAlias= need a Network= that was made. Add one.");
            }
            return named;
        }
        var first = named.getFirst();
        var both = ImmutableList.<String>builder().addAll(first.aliases()).addAll(aliases).build();
        var whole = new Attachment(first.name(), both, first.ip().or(() -> ip), first.ip6().or(() -> ip6));
        return Stream.concat(Stream.of(whole), named.stream().skip(1))
                .collect(ImmutableList.toImmutableList());
    }

    private void check(Networking networking) {
        var networks = networking.networks();
        for (var network : networks) {
            boolean own = !network.aliases().isEmpty() || network.ip().isPresent() || network.ip6().isPresent();
            if (own && !network.isMade()) {
                reader.problem("Network=" + network.name() + " has no addresses and names for single containers. Use a"
                        + " network that was made with docker network create.");
            }
        }
        if (networks.size() > 1 && networks.stream().anyMatch(network -> !network.isMade() && !isBridge(network))) {
            reader.problem("Network=host, none and container: go with no other network. Remove one of them.");
        }
        if (networks.isEmpty()) {
            return;
        }
        var first = networks.getFirst();
        boolean unreachable = first.isContainers() || first.name().equals("host") || first.name().equals("none");
        if (unreachable && !networking.ports().isEmpty()) {
            reader.unheld("PublishPort= with Network=" + first.name());
        }
        boolean names = networking.hostName().isPresent() || !networking.hosts().isEmpty()
                || !networking.dns().isEmpty();
        if (first.isContainers() && names) {
            reader.problem("HostName=, AddHost= and DNS= are the other container's with Network=" + first.name()
                    + ". Remove them.");
        }
    }

    private static boolean isBridge(Attachment network) {
        return network.name().equals("bridge") || network.name().equals("default");
    }

    private String name(String value) {
        if (!value.matches("[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,251}[a-zA-Z0-9])?")) {
            throw new IllegalArgumentException("\"" + value + "\" is not the name of a host");
        }
        return value;
    }

    private static String host(String value) {
        int colon = value.indexOf(':');
        var address = value.substring(colon + 1);
        if (colon < 1 || !address.equals("host-gateway") && !InetAddresses.isInetAddress(address)) {
            throw new IllegalArgumentException("is not written as NAME:ADDRESS");
        }
        return value;
    }

    private static String server(String value) {
        if (!InetAddresses.isInetAddress(value)) {
            throw new IllegalArgumentException("is not the address of a server");
        }
        return value;
    }

    private static String address(String value, boolean four) {
        if (!InetAddresses.isInetAddress(value) || InetAddresses.forString(value) instanceof Inet4Address != four) {
            throw new IllegalArgumentException("\"" + value + "\" is not an address of IPv" + (four ? 4 : 6));
        }
        return value;
    }
}
