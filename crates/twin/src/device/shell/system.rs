//! The rest of the system: getprop, date, settings, dumpsys, cmd.

use super::{Io, Outcome, Shell, text};
use crate::device::zone;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

impl Shell {
    fn properties(&self) -> BTreeMap<String, String> {
        let i = self.device.identity();
        let print = format!("{}/{}/{}:{}/{}/1:user/release-keys", i.brand, i.device, i.device, i.android, i.build_id);
        let own = [
            ("gsm.operator.iso-country", "nl".to_string()),
            ("persist.sys.locale", i.locale.clone()),
            ("persist.sys.timezone", i.timezone.clone()),
            ("ro.boot.serialno", i.serial.clone()),
            ("ro.build.characteristics", "default".into()),
            ("ro.build.display.id", i.build_id.clone()),
            ("ro.build.fingerprint", print),
            ("ro.build.id", i.build_id.clone()),
            ("ro.build.type", "user".into()),
            ("ro.build.version.release", i.android.clone()),
            ("ro.build.version.sdk", i.sdk.to_string()),
            ("ro.build.version.security_patch", i.security_patch.clone()),
            ("ro.crypto.state", "encrypted".into()),
            ("ro.debuggable", "0".into()),
            ("ro.product.brand", i.brand.clone()),
            ("ro.product.device", i.device.clone()),
            ("ro.product.manufacturer", i.maker.clone()),
            ("ro.product.model", i.model.clone()),
            ("ro.product.name", i.device.clone()),
            ("ro.serialno", i.serial.clone()),
            ("sys.boot_completed", "1".into()),
        ];
        let mut all: BTreeMap<String, String> = own.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        all.extend(self.device.facts.properties.clone());
        all
    }

    pub(super) fn getprop(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let properties = self.properties();
        match args.first() {
            None => {
                for (name, value) in properties {
                    writeln!(io.out, "[{name}]: [{value}]")?;
                }
            }
            Some(name) => {
                let default = args.get(1).map(|value| text(value).into_owned()).unwrap_or_default();
                let value = properties.get(text(name).as_ref()).cloned().unwrap_or(default);
                writeln!(io.out, "{value}")?;
            }
        }
        Ok(0)
    }

    pub(super) fn date(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let mut zone = zone(self.device.identity());
        let mut format = "%a %b %e %H:%M:%S %Z %Y".to_string();
        for arg in args {
            match arg.as_slice() {
                b"-u" => zone = jiff::tz::TimeZone::UTC,
                other => match other.strip_prefix(b"+") {
                    Some(wanted) => format = text(wanted).into_owned(),
                    None => {
                        writeln!(io.err, "date: bad date '{}'", text(other))?;
                        return Ok(1);
                    }
                },
            }
        }
        let now = self.device.facts.clock.now().to_zoned(zone);
        // toybox's %N is nanoseconds; the formatter here calls them %9N only with a width
        let format = format.replace("%N", &format!("{:09}", now.subsec_nanosecond()));
        let mut line = String::new();
        let written = jiff::fmt::strtime::BrokenDownTime::from(&now).format(&format, &mut line);
        match written {
            Ok(()) => writeln!(io.out, "{line}").map(|()| 0),
            Err(_) => writeln!(io.err, "date: bad format").map(|()| 1),
        }
    }

    fn setting(&self, table: &str, name: &str) -> Option<String> {
        self.device.facts.settings.get(&(table.to_string(), name.to_string())).cloned()
    }

    pub(super) fn settings(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let args: Vec<String> = args.iter().map(|arg| text(arg).into_owned()).collect();
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        // `--user N` may stand anywhere
        let words: Vec<&str> = match words.iter().position(|word| *word == "--user") {
            Some(at) => words.iter().enumerate().filter(|(i, _)| *i != at && *i != at + 1).map(|(_, word)| *word).collect(),
            None => words,
        };
        match words.as_slice() {
            ["get", table @ ("system" | "secure" | "global"), name] => {
                writeln!(io.out, "{}", self.setting(table, name).unwrap_or_else(|| "null".into()))?;
                Ok(0)
            }
            ["list", table @ ("system" | "secure" | "global")] => {
                for ((_, name), value) in self.device.facts.settings.iter().filter(|((t, _), _)| t == table) {
                    writeln!(io.out, "{name}={value}")?;
                }
                Ok(0)
            }
            ["get" | "list", table, ..] => writeln!(io.err, "Invalid namespace '{table}'").map(|()| 255),
            ["put" | "delete" | "reset", ..] => {
                self.device.record(|asked| asked.writes_refused += 1);
                writeln!(io.err, "java.lang.SecurityException: Permission denial: this phone is read only")?;
                Ok(255)
            }
            _ => writeln!(io.err, "Settings provider (settings) commands:").map(|()| 255),
        }
    }

    pub(super) fn dumpsys(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        let args: Vec<String> = args.iter().map(|arg| text(arg).into_owned()).collect();
        match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["battery"] => self.battery(io).map(|()| 0),
            ["package", name] => self.dumpsys_package(name, io),
            ["-l"] => io.out.write_all(b"Currently running services:\n  battery\n  package\n").map(|()| 0),
            [service, ..] => writeln!(io.err, "Can't find service: {service}").map(|()| 0),
            [] => writeln!(io.out, "Currently running services:").map(|()| 0),
        }
    }

    fn battery(&self, io: &mut Io) -> io::Result<()> {
        let battery = self.device.battery();
        // 2 charging, 3 discharging (BatteryManager)
        let status = if battery.usb_powered { 2 } else { 3 };
        write!(
            io.out,
            "Current Battery Service state:\n  AC powered: false\n  USB powered: {}\n  Wireless powered: false\n  Dock powered: false\n  \
             Max charging current: 500000\n  Max charging voltage: 5000000\n  Charge counter: {}\n  status: {status}\n  health: 2\n  \
             present: true\n  level: {}\n  scale: 100\n  voltage: 4105\n  temperature: 271\n  technology: Li-ion\n",
            battery.usb_powered,
            u32::from(battery.level) * 40_000,
            battery.level,
        )
    }

    /// `cmd SERVICE ...`: the same services by another door.
    pub(super) fn cmd(&self, args: &[Vec<u8>], io: &mut Io) -> Outcome {
        match args.split_first() {
            Some((service, rest)) => match service.as_slice() {
                b"package" => self.pm(rest, io),
                b"settings" => self.settings(rest, io),
                other => writeln!(io.err, "cmd: Can't find service: {}", text(other)).map(|()| 20),
            },
            None => writeln!(io.err, "cmd: No service specified; use -l to list all services").map(|()| 20),
        }
    }
}
