//! In: a crate's root file. Out: its modules, each with the names that it defines, imports and mentions.
//! Read with `syn`, so that what counts as a use is the language's own reading, not a search for text.
//! Test modules (`#[cfg(test)]`) are left out.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

/// Segments of a path, such as `["super", "log", "Entry"]`.
pub type Segments = Vec<String>;

/// One module: a file, or a block within one.
#[derive(Default)]
pub struct Module {
    pub file: PathBuf,
    /// Names of types, functions, constants, traits and macros that stand in it.
    pub defines: BTreeSet<String>,
    /// Names that it imports, with where they come from.
    pub imports: BTreeMap<String, Segments>,
    /// Modules of which it imports every name.
    pub globs: Vec<Segments>,
    /// Paths that its code mentions, private imports included.
    pub mentions: Vec<Segments>,
    /// Names of the methods that its code calls.
    pub calls: BTreeSet<String>,
    /// Type and method of each inherent `impl`.
    pub methods: Vec<(Segments, String)>,
}

/// All modules of a crate by their path from the root.
pub fn read(root: &Path) -> BTreeMap<Segments, Module> {
    let mut modules = BTreeMap::new();
    let folder = root.parent().unwrap().to_path_buf();
    read_file(root, &folder, vec![], &mut modules);
    modules
}

fn read_file(file: &Path, children: &Path, path: Segments, modules: &mut BTreeMap<Segments, Module>) {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    read_items(&parsed.items, file, children, path, modules);
}

fn read_items(
    items: &[Item],
    file: &Path,
    children: &Path,
    path: Segments,
    modules: &mut BTreeMap<Segments, Module>,
) {
    let mut module = Module { file: file.to_path_buf(), ..Module::default() };
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        if let Item::Mod(child) = item {
            let name = child.ident.to_string();
            let within = children.join(&name);
            let path = [path.clone(), vec![name.clone()]].concat();
            match &child.content {
                Some((_, items)) => read_items(items, file, &within, path, modules),
                None => {
                    let own = within.with_extension("rs");
                    let found = if own.is_file() { own } else { within.join("mod.rs") };
                    read_file(&found, &within, path, modules);
                }
            }
            continue;
        }
        module.take(item);
    }
    modules.insert(path, module);
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == "test")
    })
}

impl Module {
    fn take(&mut self, item: &Item) {
        let name = match item {
            Item::Const(i) => Some(&i.ident),
            Item::Enum(i) => Some(&i.ident),
            Item::Fn(i) => Some(&i.sig.ident),
            Item::Macro(i) => i.ident.as_ref(),
            Item::Static(i) => Some(&i.ident),
            Item::Struct(i) => Some(&i.ident),
            Item::Trait(i) => Some(&i.ident),
            Item::Type(i) => Some(&i.ident),
            Item::Union(i) => Some(&i.ident),
            _ => None,
        };
        self.defines.extend(name.map(ToString::to_string));
        match item {
            Item::Use(import) => {
                let reexport = !matches!(import.vis, Visibility::Inherited);
                self.take_use(&import.tree, &mut Vec::new(), reexport);
            }
            Item::Impl(block) if block.trait_.is_none() => {
                if let syn::Type::Path(of) = &*block.self_ty {
                    for item in &block.items {
                        if let syn::ImplItem::Fn(method) = item
                            && !is_test(&method.attrs)
                        {
                            self.methods.push((segments(&of.path), method.sig.ident.to_string()));
                        }
                    }
                }
                self.visit_item(item);
            }
            _ => self.visit_item(item),
        }
    }

    fn take_use(&mut self, tree: &UseTree, before: &mut Segments, reexport: bool) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.take_use(&path.tree, before, reexport);
                before.pop();
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.take_use(tree, before, reexport));
            }
            UseTree::Glob(_) => self.globs.push(before.clone()),
            UseTree::Name(name) if name.ident == "self" => {
                self.import(before.last().cloned().unwrap_or_default(), before.clone(), reexport);
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.import(name.clone(), [before.clone(), vec![name]].concat(), reexport);
            }
            UseTree::Rename(name) => {
                let from = [before.clone(), vec![name.ident.to_string()]].concat();
                self.import(name.rename.to_string(), from, reexport);
            }
        }
    }

    fn import(&mut self, name: String, from: Segments, reexport: bool) {
        if !reexport {
            self.mentions.push(from.clone());
        }
        self.imports.insert(name, from);
    }

    /// Macros' arguments are not parsed: paths and calls in them are found by their tokens.
    fn take_tokens(&mut self, tokens: TokenStream) {
        let mut path = Segments::new();
        let mut after_dot = false;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if after_dot => {
                    self.calls.insert(word.to_string());
                    (path, after_dot) = (Segments::new(), false);
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == ':' => {}
                other => {
                    self.mentions.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                    after_dot = matches!(&other, TokenTree::Punct(mark) if mark.as_char() == '.');
                    if let TokenTree::Group(group) = other {
                        self.take_tokens(group.stream());
                    }
                }
            }
        }
        self.mentions.extend((!path.is_empty()).then_some(path));
    }
}

fn segments(path: &syn::Path) -> Segments {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

impl<'ast> Visit<'ast> for Module {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.mentions.push(segments(path));
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.calls.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.take_tokens(call.tokens.clone());
    }

    /// An import inside a function's body.
    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        self.take_use(&import.tree, &mut Vec::new(), false);
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        if !is_test(&method.attrs) {
            visit::visit_impl_item_fn(self, method);
        }
    }
}
