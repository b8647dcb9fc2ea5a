//! Makes a report of real files with crates that know nothing of the host: `csv`, `pulldown-cmark`, and `image`.

wit_bindgen::generate!({ path: "wit/report.wit", world: "report" });

use std::error::Error;
use std::fs;

struct Report;

impl Guest for Report {
    fn make(region: String, pixels: u32) -> Result<Summary, String> {
        made(&region, pixels).map_err(|error| error.to_string())
    }
}

fn made(region: &str, pixels: u32) -> Result<Summary, Box<dyn Error>> {
    fs::create_dir_all("/data/out")?;
    Ok(Summary { cents: sales(region)?, html: notes()?, thumbnail: thumbnail(pixels)? })
}

fn sales(region: &str) -> Result<u64, Box<dyn Error>> {
    let mut sold = csv::Reader::from_path("/data/sales.csv")?;
    let mut of_region = csv::Writer::from_path("/data/out/sales.csv")?;
    of_region.write_record(["product", "cents"])?;
    let mut sum = 0;
    for row in sold.records() {
        let row = row?;
        if &row[0] == region {
            let cents = row[2].parse::<u64>()? * row[3].parse::<u64>()?;
            of_region.write_record([&row[1], &cents.to_string()])?;
            sum += cents;
        }
    }
    of_region.flush()?;
    Ok(sum)
}

fn notes() -> Result<u64, Box<dyn Error>> {
    let markdown = fs::read_to_string("/data/notes.md")?;
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&markdown));
    fs::write("/data/out/notes.html", &html)?;
    Ok(html.len() as u64)
}

fn thumbnail(pixels: u32) -> Result<(u32, u32), Box<dyn Error>> {
    let thumbnail = image::open("/data/photo.png")?.thumbnail(pixels, pixels);
    // A format without compression, so that a test can tell each pixel.
    thumbnail.save("/data/out/photo.pam")?;
    Ok((thumbnail.width(), thumbnail.height()))
}

export!(Report);
