package io.flota.agent.runtime.docker;

import java.nio.file.Path;
import java.util.List;

/// An example of a key that is honoured, and where Docker shows it.
///
/// @param lines of `[Container]`; `FOLDER` is one of the machine
/// @param pointer into what `docker inspect` says; empty if it is the agent's affair and not Docker's
/// @param shown what has to be there
record Sample(String key, String lines, String pointer, List<String> shown) {
    /// The network that a test has made, with its address range.
    static final String NETWORK = "made";

    static final List<Sample> ALL = List.of(
            of("AddCapability", "CAP_NET_ADMIN sys_time", "/HostConfig/CapAdd", "NET_ADMIN\"", "SYS_TIME\""),
            of(
                    "AddDevice", "-/dev/none /dev/null:/dev/zilch:r", "/HostConfig/Devices",
                    "\"PathInContainer\":\"/dev/zilch\"", "\"CgroupPermissions\":\"r\"",
                    "\"PathOnHost\":\"/dev/null\""),
            of("AddHost", "db:10.0.0.9", "/HostConfig/ExtraHosts", "\"db:10.0.0.9\""),
            of("AppArmor", "unconfined", "/HostConfig/SecurityOpt", "\"apparmor=unconfined\""),
            of("ContainerName", "its-own.%i", "/Name", "its-own.1"),
            of("DNS", "10.0.0.53", "/HostConfig/Dns", "\"10.0.0.53\""),
            of("DNSOption", "ndots:2", "/HostConfig/DnsOptions", "\"ndots:2\""),
            of("DNSSearch", "example.org", "/HostConfig/DnsSearch", "\"example.org\""),
            of("DropCapability", "CAP_MKNOD", "/HostConfig/CapDrop", "MKNOD\""),
            of("Entrypoint", "[\"/bin/sh\",\"-c\"]", "/Config/Entrypoint", "[\"/bin/sh\",\"-c\"]"),
            of(
                    "Environment", "\"GREETING=hello world\" N=%n", "/Config/Env", "\"GREETING=hello world\"",
                    "\"N=web@1.service\""),
            of("EnvironmentFile", "FOLDER/env", "/Config/Env", "\"FROM=a file\""),
            of(
                    "Exec", "sh -c 'sleep  1000; echo $$HOME'", "/Config/Cmd",
                    "[\"sh\",\"-c\",\"sleep  1000; echo $HOME\"]"),
            of("ExposeHostPort", "50-51/udp", "/Config/ExposedPorts", "\"50/udp\"", "\"51/udp\""),
            new Sample("Group", "User=1000\nGroup=1001", "/Config/User", List.of("\"1000:1001\"")),
            of("GroupAdd", "44", "/HostConfig/GroupAdd", "\"44\""),
            of("HealthCmd", "test -e /tmp", "/Config/Healthcheck/Test", "[\"CMD-SHELL\",\"test -e /tmp\"]"),
            of("HealthInterval", "2m", "/Config/Healthcheck/Interval", "120000000000"),
            of("HealthOnFailure", "kill", ""),
            of("HealthRetries", "5", "/Config/Healthcheck/Retries", "5"),
            of("HealthStartPeriod", "1m30s", "/Config/Healthcheck/StartPeriod", "90000000000"),
            of("HealthTimeout", "500ms", "/Config/Healthcheck/Timeout", "500000000"),
            of("HostName", "web.example.org", "/Config/Hostname", "\"web.example.org\""),
            new Sample(
                    "IP", "Network=made\nIP=10.77.0.9", "/NetworkSettings/Networks/made/IPAMConfig",
                    List.of("\"10.77.0.9\"")),
            new Sample(
                    "IP6", "Network=made\nIP6=fd77::9", "/NetworkSettings/Networks/made/IPAMConfig",
                    List.of("\"fd77::9\"")),
            of("Image", "web:latest", "/Config/Image", "\"web:latest\""),
            of(
                    "Label", "colour=blue \"words=two of them\"", "/Config/Labels", "\"colour\":\"blue\"",
                    "\"words\":\"two of them\""),
            of("LogDriver", "local", "/HostConfig/LogConfig/Type", "\"local\""),
            new Sample(
                    "LogOpt", "LogDriver=json-file\nLogOpt=max-size=10m\nLogOpt=max-file=3",
                    "/HostConfig/LogConfig/Config",
                    List.of("\"max-size\":\"10m\"", "\"max-file\":\"3\"")),
            of("Memory", "64m", "/HostConfig/Memory", "67108864"),
            of(
                    "Mount", "type=tmpfs,target=/cache,tmpfs-size=1m,tmpfs-mode=1777", "/HostConfig/Mounts",
                    "\"Target\":\"/cache\"", "\"SizeBytes\":1048576", "\"Mode\":1023"),
            of("Network", "none", "/HostConfig/NetworkMode", "\"none\""),
            new Sample(
                    "NetworkAlias", "Network=made\nNetworkAlias=www", "/NetworkSettings/Networks/made/Aliases",
                    List.of("\"www\"")),
            of("NoNewPrivileges", "yes", "/HostConfig/SecurityOpt", "\"no-new-privileges:true\""),
            of("Notify", "healthy", ""),
            of("PidsLimit", "20", "/HostConfig/PidsLimit", "20"),
            of(
                    "PublishPort", "127.0.0.1:18080-18081:80-81", "/HostConfig/PortBindings",
                    "\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"18080\"}]",
                    "\"81/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"18081\"}]"),
            of("Pull", "never", ""),
            of("ReadOnly", "yes", "/HostConfig/ReadonlyRootfs", "true"),
            new Sample(
                    "ReadOnlyTmpfs", "ReadOnly=yes\nReadOnlyTmpfs=yes", "/HostConfig/Tmpfs",
                    List.of("\"/run\"", "\"/tmp\"", "\"/var/tmp\"")),
            of("RunInit", "yes", "/HostConfig/Init", "true"),
            of("SeccompProfile", "FOLDER/seccomp.json", "/HostConfig/SecurityOpt", "seccomp={", "SCMP_ACT_ALLOW"),
            of("SecurityLabelDisable", "yes", "/HostConfig/SecurityOpt", "\"label=disable\""),
            of("SecurityLabelFileType", "usr_t", "/HostConfig/SecurityOpt", "\"label=filetype:usr_t\""),
            of("SecurityLabelLevel", "s0:c1,c2", "/HostConfig/SecurityOpt", "\"label=level:s0:c1,c2\""),
            of("SecurityLabelType", "spc_t", "/HostConfig/SecurityOpt", "\"label=type:spc_t\""),
            of("ShmSize", "32m", "/HostConfig/ShmSize", "33554432"),
            of("StopSignal", "SIGINT", "/Config/StopSignal", "\"SIGINT\""),
            of("StopTimeout", "20", "/Config/StopTimeout", "20"),
            of("Sysctl", "net.core.somaxconn=200", "/HostConfig/Sysctls", "\"net.core.somaxconn\":\"200\""),
            of("Timezone", "Etc/UTC", "/HostConfig/Mounts", "/usr/share/zoneinfo/Etc/UTC", "\"ReadOnly\":true"),
            of("Tmpfs", "/scratch:size=1m", "/HostConfig/Tmpfs", "\"/scratch\":\"size=1m\""),
            of("Ulimit", "nofile=1000:2000", "/HostConfig/Ulimits", "\"nofile\"", "\"Soft\":1000", "\"Hard\":2000"),
            of("User", "1000", "/Config/User", "\"1000\""),
            of("UserNS", "host", "/HostConfig/UsernsMode", "\"host\""),
            of("Volume", "FOLDER:/srv:ro", "/HostConfig/Binds", "FOLDER:/srv:ro"),
            of("WorkingDir", "/tmp", "/Config/WorkingDir", "\"/tmp\""));

    private static Sample of(String key, String value, String pointer, String... shown) {
        return new Sample(key, key + "=" + value, pointer, List.of(shown));
    }

    Sample in(Path folder) {
        return new Sample(
                key, lines.replace("FOLDER", folder.toString()), pointer,
                shown.stream().map(text -> text.replace("FOLDER", folder.toString())).toList());
    }

    /// The same in what is sent to create it.
    String pointerToCreate() {
        return pointer.replaceFirst("^/Config/", "/")
                .replaceFirst("^/NetworkSettings/Networks/", "/NetworkingConfig/EndpointsConfig/");
    }

    boolean isDockers() {
        return !pointer.isEmpty();
    }

    @Override
    public String toString() {
        return key;
    }
}
