package io.flota.unitctl.command;

import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The instances of a template when a number of them is wanted. Pure. Those whose instance is a number count; it is
/// written without leading zeros, so that no two units are the same number.
///
/// @param kept in the order of their numbers, new ones among them: these take the lowest free numbers from 1 on
/// @param surplus those with the highest numbers, the highest first
/// @param others registered instances that are no number, sorted
record Instances(List<UnitName> kept, List<UnitName> surplus, List<UnitName> others) {
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");

    /// @param registered units, instances of this template among them
    static Instances of(UnitName template, int wanted, Collection<UnitName> registered) {
        var numbered = new TreeMap<Integer, UnitName>();
        var others = new ArrayList<UnitName>();
        for (UnitName name : registered.stream().sorted().toList()) {
            if (name.template().filter(template::equals).isEmpty()) {
                continue;
            }
            if (NUMBER.matcher(name.instance()).matches()) {
                numbered.put(Integer.valueOf(name.instance()), name);
            } else {
                others.add(name);
            }
        }
        var surplus = new ArrayList<UnitName>();
        while (numbered.size() > wanted) {
            surplus.add(numbered.pollLastEntry().getValue());
        }
        for (int number = 1; numbered.size() < wanted; number++) {
            numbered.putIfAbsent(number, new UnitName(template.prefix() + "@" + number + "." + template.type()));
        }
        return new Instances(List.copyOf(numbered.values()), surplus, others);
    }
}
